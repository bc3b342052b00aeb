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
