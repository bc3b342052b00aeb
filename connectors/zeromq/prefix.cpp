#include "connectors/zeromq/prefix.hpp"

#include <string>

#include "core/model/topic.hpp"

namespace junctor::zeromq {
namespace {

constexpr std::string_view share_prefix = "$share/";

// The topics a filter `head#` hands over all begin with `head`; with a level put behind it, `head` must be one of them.
bool can_begin_a_topic(TenantId tenant, std::string_view head) {
    return head.size() < max_topic_bytes && Topic::parse(tenant, std::string(head) + "x").has_value();
}

}  // namespace

Result<TopicFilter> interest_of(TenantId tenant, std::string_view prefix) {
    const std::string_view head = prefix.substr(0, prefix.rfind('/') + 1);
    if (prefix.size() > max_topic_bytes || head.starts_with(share_prefix) || !can_begin_a_topic(tenant, head)) return Errc::bad_filter;
    return TopicFilter::parse(tenant, std::string(head) + "#");
}

}  // namespace junctor::zeromq
