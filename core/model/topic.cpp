#include "core/model/topic.hpp"

#include "core/base/hash.hpp"
#include "core/model/topic_text.hpp"

namespace junctor {

Result<Topic> Topic::parse(TenantId tenant, std::string_view text) noexcept {
    const TopicText scan = scan_topic_text(text);
    if (!scan.valid || scan.plus || scan.hash) return Errc::bad_topic;
    return trusted(tenant, text, hash_of(tenant, text));
}

Topic Topic::trusted(TenantId tenant, std::string_view text, std::uint64_t hash) noexcept {
    Topic topic;
    topic.tenant_ = tenant;
    topic.text_ = text;
    topic.hash_ = hash;
    return topic;
}

std::uint64_t Topic::hash_of(TenantId tenant, std::string_view text) noexcept { return hash_text(text, tenant.value); }

}  // namespace junctor
