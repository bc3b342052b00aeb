#pragma once

#include <string>
#include <vector>

#include "core/base/hash_index.hpp"
#include "core/base/node_pool.hpp"
#include "core/model/topic.hpp"
#include "core/model/topic_filter.hpp"
#include "core/routing/level_table.hpp"

namespace junctor {

/// A filter's place in the trie of one core; 0 is none.
using NodeId = std::uint32_t;

/// The filters of one core as a trie over topic levels (DESIGN 5.5): 36 bytes a node, edges in one hash table, walked in a loop.
/// Each tenant has a root of its own. A shared filter's node hangs below that of the plain filter, one for each group. What hangs on
/// a node is named by numbers that others give meaning to.
class TopicTrie {
public:
    /// The node of `filter`, made if need be. It stays while something hangs on it; `prune` it when nothing may.
    NodeId add(const TopicFilter& filter);
    NodeId find(const TopicFilter& filter) const noexcept;
    /// Removes the node, and those above it, while nothing hangs on them.
    void prune(NodeId node) noexcept;

    /// Appends the nodes that match `topic` and carry subscriptions; each once, in a stable order.
    void match(const Topic& topic, std::vector<NodeId>& nodes) const;

    TopicFilter filter(NodeId node) const;
    bool shared(NodeId node) const noexcept { return names_group(nodes_[node].level); }
    /// Is there any filter that begins with the literal level `first`? A few nanoseconds.
    bool any_under(TenantId tenant, std::string_view first) const noexcept;

    /// First of the node's subscriptions (SubscriptionTable); 0: none.
    std::uint32_t& subscriptions(NodeId node) noexcept { return nodes_[node].subscriptions; }
    std::uint32_t subscriptions(NodeId node) const noexcept { return nodes_[node].subscriptions; }
    /// How many of this core want the filter (Interest); more than 0 keeps the node.
    std::uint32_t& holds(NodeId node) noexcept { return nodes_[node].holds; }
    std::uint32_t holds(NodeId node) const noexcept { return nodes_[node].holds; }
    /// How many of the holds are by durable sessions.
    std::uint32_t& durable_holds(NodeId node) noexcept { return nodes_[node].durable_holds; }
    std::uint32_t durable_holds(NodeId node) const noexcept { return nodes_[node].durable_holds; }

    std::size_t size() const noexcept { return nodes_.size(); }

private:
    struct Node {
        NodeId parent = 0;
        std::uint32_t level = 0;     ///< of the LevelTable, with `group_bit` for a group; `plus_level`; `hash_level`; in a root the tenant
        NodeId plus = 0;             ///< in a group's node: the next group of the same filter
        NodeId hash = 0;
        NodeId groups = 0;           ///< first of those that share the filter
        std::uint32_t children = 0;  ///< all of them
        std::uint32_t subscriptions = 0;
        std::uint32_t holds = 0;
        std::uint32_t durable_holds = 0;
    };

    // Beyond what a LevelTable hands out.
    static constexpr std::uint32_t plus_level = 0xffff'ffff;
    static constexpr std::uint32_t hash_level = 0xffff'fffe;
    static constexpr std::uint32_t group_bit = 0x8000'0000;

    static constexpr bool names_group(std::uint32_t level) noexcept { return (level & group_bit) != 0 && level < hash_level; }

    NodeId child(NodeId parent, std::uint32_t level) const noexcept;
    NodeId child(NodeId parent, std::string_view level) const noexcept;
    NodeId add_child(NodeId parent, std::string_view level);
    NodeId insert(NodeId parent, std::uint32_t level);
    NodeId find_group(NodeId node, std::string_view group) const noexcept;
    NodeId add_group(NodeId node, std::string_view group);
    void unlink_group(NodeId parent, NodeId group) noexcept;
    void remove(NodeId node) noexcept;
    std::string_view level_text(const Node& node) const noexcept;

    LevelTable levels_;
    NodePool<Node, &Node::parent> nodes_;
    HashIndex edges_;
    mutable std::vector<NodeId> here_;  ///< scratch of `match`
    mutable std::vector<NodeId> next_;
};

}  // namespace junctor
