#pragma once

#include <optional>
#include <vector>

#include "core/ports/session.hpp"
#include "core/routing/topic_trie.hpp"

namespace junctor {

/// Who wants which filter on one core: its own sessions, and other cores on behalf of theirs. 32 bytes each, in two lists:
/// that of the filter's node and that of the session.
class SubscriptionTable {
public:
    explicit SubscriptionTable(TopicTrie& trie) noexcept : trie_(trie) {}

    struct Subscription {
        NodeId node = 0;
        std::uint32_t next = 0;              ///< on the same node
        std::uint32_t previous = 0;
        std::uint32_t next_of_session = 0;
        std::uint32_t previous_of_session = 0;
        std::uint32_t subscriber = 0;        ///< a session's slot, or another core
        std::uint32_t subscription_id = 0;
        Qos max_qos : 2 = Qos::at_most_once;
        bool no_local : 1 = false;
        bool retain_as_published : 1 = false;
        bool durable : 1 = false;            ///< of another core: for durable sessions of its
        std::uint16_t weight = 1;

        bool remote() const noexcept { return (subscriber & remote_bit) != 0; }
        CoreId core() const noexcept { return {static_cast<std::uint16_t>(subscriber & ~remote_bit)}; }
    };

    /// True when the session did not hold it before; else it has the new options.
    bool set(std::uint32_t slot, NodeId node, const SubscribeOptions& options, std::uint16_t weight = 1);
    /// False when the session does not hold it. The node is left to the caller to prune.
    bool remove(std::uint32_t slot, NodeId node) noexcept;
    /// The node of some subscription of the session, now removed; 0 when it has none left.
    NodeId remove_any(std::uint32_t slot) noexcept;
    bool holds(std::uint32_t slot, NodeId node) const noexcept { return find(slot, node) != 0; }
    std::uint32_t count(std::uint32_t slot) const noexcept { return slot < sessions_.size() ? sessions_[slot].count : 0; }

    /// What the session's subscriptions weigh together: their count, unless some are unusually long or deep.
    std::uint32_t weight(std::uint32_t slot) const noexcept { return slot < sessions_.size() ? sessions_[slot].weight : 0; }
    static std::uint16_t weight_of(const TopicFilter& filter) noexcept;

    void set_core(CoreId core, NodeId node, bool durable = false);
    /// Does that core want it, and for durable sessions?
    std::optional<bool> core_wants(CoreId core, NodeId node) const noexcept;
    bool remove_core(CoreId core, NodeId node) noexcept;

    template <class Each>
    void for_each(NodeId node, Each&& each) const {
        for (std::uint32_t id = trie_.subscriptions(node); id != 0; id = all_[id].next) each(all_[id]);
    }

    template <class Each>
    void for_each_of(std::uint32_t slot, Each&& each) const {
        if (count(slot) == 0) return;
        for (std::uint32_t id = sessions_[slot].first; id != 0; id = all_[id].next_of_session) each(all_[id]);
    }

    /// Bytes that one subscription takes here.
    static constexpr std::size_t subscription_bytes = 32;

private:
    static constexpr std::uint32_t remote_bit = 0x8000'0000;
    static_assert(sizeof(Subscription) == subscription_bytes);

    struct SessionList {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        std::uint32_t weight = 0;
    };

    std::uint32_t find(std::uint32_t slot, NodeId node) const noexcept;
    std::uint32_t find_core(CoreId core, NodeId node) const noexcept;
    std::uint32_t insert(std::uint32_t subscriber, NodeId node);
    void unlink(std::uint32_t id) noexcept;
    void unlink_from_session(std::uint32_t id) noexcept;

    TopicTrie& trie_;
    NodePool<Subscription, &Subscription::next> all_;
    std::vector<SessionList> sessions_;  ///< by slot
};

}  // namespace junctor
