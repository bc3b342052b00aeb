#include "connectors/mqtt/copy_filter.hpp"

#include <algorithm>

namespace junctor::mqtt {

bool CopyFilter::is_copy(const std::string& topic, const std::string& payload, int qos, bool retain,
                         const std::vector<std::uint32_t>& subscriptions) {
    const bool alike = !seen_.empty() && !subscriptions.empty() && retain == retain_ && topic == topic_ && payload == payload_ && qos == qos_;
    const bool other_subscriptions =
        std::ranges::none_of(subscriptions, [&](std::uint32_t id) { return std::ranges::find(seen_, id) != seen_.end(); });
    if (!alike || !other_subscriptions) {
        topic_ = topic;
        payload_ = payload;
        qos_ = qos;
        retain_ = retain;
        seen_ = subscriptions;
        return false;
    }
    seen_.insert(seen_.end(), subscriptions.begin(), subscriptions.end());
    return true;
}

}  // namespace junctor::mqtt
