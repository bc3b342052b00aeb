#include "core/model/topic_filter.hpp"

#include "core/model/topic.hpp"
#include "core/model/topic_text.hpp"

namespace junctor {
namespace {

/// Cuts the first level off `rest`; sets `last` when nothing follows it.
std::string_view next_level(std::string_view& rest, bool& last) noexcept {
    const std::size_t slash = rest.find('/');
    last = slash == rest.npos;
    const std::string_view level = rest.substr(0, slash);
    rest.remove_prefix(last ? rest.size() : slash + 1);
    return level;
}

/// `+` stands for a whole level, `#` for the last ones.
bool wildcards_stand_alone(std::string_view text) noexcept {
    for (bool last = false; !last;) {
        const std::string_view level = next_level(text, last);
        if (level.size() > 1 && level.find_first_of("+#") != level.npos) return false;
        if (level == "#" && !last) return false;
    }
    return true;
}

}  // namespace

Result<TopicFilter> TopicFilter::parse(TenantId tenant, std::string_view text) {
    const TopicText scan = scan_topic_text(text);
    if (!scan.valid) return Errc::bad_filter;
    if ((scan.plus || scan.hash) && !wildcards_stand_alone(text)) return Errc::bad_filter;
    return trusted(tenant, std::string(text));
}

TopicFilter TopicFilter::trusted(TenantId tenant, std::string text) {
    TopicFilter filter;
    filter.wildcard_ = text.find_first_of("+#") != text.npos;
    filter.text_ = std::move(text);
    filter.tenant_ = tenant;
    return filter;
}

bool TopicFilter::matches(const Topic& topic) const noexcept {
    if (topic.tenant() != tenant_) return false;
    if (!wildcard_) return topic.text() == text_;
    if (topic.reserved() && (text_.front() == '+' || text_.front() == '#')) return false;
    std::string_view pattern = text_;
    std::string_view name = topic.text();
    for (bool pattern_ends = false, name_ends = false; !pattern_ends;) {
        const std::string_view wanted = next_level(pattern, pattern_ends);
        if (wanted == "#") return true;
        if (name_ends) return false;
        const std::string_view level = next_level(name, name_ends);
        if (wanted != "+" && wanted != level) return false;
        if (pattern_ends) return name_ends;
    }
    return false;
}

}  // namespace junctor
