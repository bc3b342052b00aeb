#pragma once

#include <unordered_map>
#include <vector>

#include "core/routing/interest.hpp"
#include "core/routing/shared_groups.hpp"
#include "core/routing/subscription_table.hpp"

namespace junctor {

/// What other cores tell a group's home: that they have members, or none any more. The home wants the filter on their behalf, and
/// answers them when everybody has confirmed that.
class GroupInterest {
public:
    GroupInterest(Core& core, SubscriptionTable& subscriptions, SharedGroups& groups, Interest& interest) noexcept
        : core_(core), subscriptions_(subscriptions), groups_(groups), interest_(interest) {}

    /// `question` comes back with the answer; 0 wants none.
    void joined(CoreId from, NodeId node, const TopicFilter& filter, bool durable, Token question);
    void left(CoreId from, NodeId node) noexcept;
    /// Of a node that `Interest` did not answer for at once.
    void settled(NodeId node, Errc code);

private:
    struct Waiting {
        CoreId from;
        Token question;
    };

    void answer(Waiting waiting, NodeId node, Errc code);

    Core& core_;
    SubscriptionTable& subscriptions_;
    SharedGroups& groups_;
    Interest& interest_;
    std::unordered_map<NodeId, std::vector<Waiting>> waiting_;
};

}  // namespace junctor
