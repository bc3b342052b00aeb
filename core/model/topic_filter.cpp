#include "core/model/topic_filter.hpp"

#include "core/model/topic.hpp"
#include "core/model/topic_levels.hpp"
#include "core/model/topic_text.hpp"

namespace junctor {
namespace {

/// `+` stands for a whole level, `#` for the last ones.
bool wildcards_stand_alone(std::string_view text) noexcept {
    for (TopicLevels levels(text); !levels.done();) {
        const std::string_view level = levels.next();
        if (level.size() > 1 && level.find_first_of("+#") != level.npos) return false;
        if (level == "#" && !levels.done()) return false;
    }
    return true;
}

bool is_shared(std::string_view text) noexcept { return text.starts_with(share_prefix); }

/// A group is one level without wildcards, and a filter follows it.
bool names_a_group(std::string_view text) noexcept {
    text.remove_prefix(share_prefix.size());
    const std::size_t slash = text.find('/');
    return slash != text.npos && slash != 0 && slash + 1 != text.size() && text.substr(0, slash).find_first_of("+#") == text.npos;
}

}  // namespace

Result<TopicFilter> TopicFilter::parse(TenantId tenant, std::string_view text) {
    const TopicText scan = scan_topic_text(text);
    if (!scan.valid) return Errc::bad_filter;
    if ((scan.plus || scan.hash) && !wildcards_stand_alone(text)) return Errc::bad_filter;
    if (is_shared(text) && !names_a_group(text)) return Errc::bad_filter;
    return trusted(tenant, std::string(text));
}

TopicFilter TopicFilter::trusted(TenantId tenant, std::string text) {
    TopicFilter filter;
    if (is_shared(text)) {
        const std::size_t slash = text.find('/', share_prefix.size());
        filter.group_ = text.substr(share_prefix.size(), slash - share_prefix.size());
        text.erase(0, slash + 1);
    }
    filter.wildcard_ = text.find_first_of("+#") != text.npos;
    filter.text_ = std::move(text);
    filter.tenant_ = tenant;
    return filter;
}

std::string TopicFilter::canonical() const { return shared() ? std::string(share_prefix) + group_ + '/' + text_ : text_; }

bool TopicFilter::matches(const Topic& topic) const noexcept {
    if (topic.tenant() != tenant_) return false;
    if (!wildcard_) return topic.text() == text_;
    if (topic.reserved() && (text_.front() == '+' || text_.front() == '#')) return false;
    TopicLevels pattern(text_);
    TopicLevels name(topic.text());
    while (!pattern.done()) {
        const std::string_view wanted = pattern.next();
        if (wanted == "#") return true;
        if (name.done()) return false;
        const std::string_view level = name.next();
        if (wanted != "+" && wanted != level) return false;
    }
    return name.done();
}

}  // namespace junctor
