#include "core/routing/topic_trie.hpp"

#include <utility>

#include "core/model/topic_levels.hpp"

namespace junctor {
namespace {

std::uint32_t edge_hash(NodeId parent, std::uint32_t level) noexcept {
    const std::uint64_t key = std::uint64_t{parent} << 32 | level;
    return static_cast<std::uint32_t>(key * 0x9e37'79b9'7f4a'7c15U >> 29);
}

}  // namespace

NodeId TopicTrie::child(NodeId parent, std::uint32_t level) const noexcept {
    return edges_.find(edge_hash(parent, level), [&](NodeId id) { return nodes_[id].parent == parent && nodes_[id].level == level; });
}

NodeId TopicTrie::child(NodeId parent, std::string_view level) const noexcept {
    if (level == "+") return nodes_[parent].plus;
    if (level == "#") return nodes_[parent].hash;
    const std::uint32_t handle = levels_.find(level);
    return handle == 0 ? 0 : child(parent, handle);
}

NodeId TopicTrie::insert(NodeId parent, std::uint32_t level) {
    const NodeId id = nodes_.add();
    nodes_[id].parent = parent;
    nodes_[id].level = level;
    if (parent != 0) ++nodes_[parent].children;
    if (level == plus_level && parent != 0) {
        nodes_[parent].plus = id;
    } else if (level == hash_level && parent != 0) {
        nodes_[parent].hash = id;
    } else {
        edges_.add(edge_hash(parent, level), id);
    }
    return id;
}

NodeId TopicTrie::add_child(NodeId parent, std::string_view level) {
    if (level == "+") return insert(parent, plus_level);
    if (level == "#") return insert(parent, hash_level);
    return insert(parent, levels_.acquire(level));
}

NodeId TopicTrie::find_group(NodeId node, std::string_view group) const noexcept {
    const std::uint32_t handle = levels_.find(group);
    return handle == 0 ? 0 : child(node, handle | group_bit);
}

NodeId TopicTrie::add_group(NodeId node, std::string_view group) {
    const NodeId added = insert(node, levels_.acquire(group) | group_bit);
    nodes_[added].plus = std::exchange(nodes_[node].groups, added);
    return added;
}

void TopicTrie::unlink_group(NodeId parent, NodeId group) noexcept {
    NodeId* link = &nodes_[parent].groups;
    while (*link != group) link = &nodes_[*link].plus;
    *link = nodes_[group].plus;
}

NodeId TopicTrie::add(const TopicFilter& filter) {
    NodeId node = child(0, filter.tenant().value);
    if (node == 0) node = insert(0, filter.tenant().value);
    for (TopicLevels levels(filter.text()); !levels.done();) {
        const std::string_view level = levels.next();
        const NodeId known = child(node, level);
        node = known != 0 ? known : add_child(node, level);
    }
    if (!filter.shared()) return node;
    const NodeId known = find_group(node, filter.group());
    return known != 0 ? known : add_group(node, filter.group());
}

NodeId TopicTrie::find(const TopicFilter& filter) const noexcept {
    NodeId node = child(0, filter.tenant().value);
    for (TopicLevels levels(filter.text()); node != 0 && !levels.done();) node = child(node, levels.next());
    return node != 0 && filter.shared() ? find_group(node, filter.group()) : node;
}

void TopicTrie::prune(NodeId node) noexcept {
    while (node != 0) {
        const Node& each = nodes_[node];
        if (each.children > 0 || each.subscriptions != 0 || each.holds > 0) return;
        const NodeId parent = each.parent;
        remove(node);
        node = parent;
    }
}

void TopicTrie::remove(NodeId id) noexcept {
    const Node node = nodes_[id];
    if (node.parent == 0) {
        edges_.remove(edge_hash(0, node.level), id);
    } else {
        --nodes_[node.parent].children;
        if (node.level == plus_level) {
            nodes_[node.parent].plus = 0;
        } else if (node.level == hash_level) {
            nodes_[node.parent].hash = 0;
        } else {
            if (names_group(node.level)) unlink_group(node.parent, id);
            edges_.remove(edge_hash(node.parent, node.level), id);
            levels_.release(node.level & ~group_bit);
        }
    }
    nodes_.remove(id);
}

void TopicTrie::match(const Topic& topic, std::vector<NodeId>& nodes) const {
    const NodeId root = child(0, topic.tenant().value);
    if (root == 0) return;
    const auto take = [&](NodeId node) {
        if (node == 0) return;
        if (nodes_[node].subscriptions != 0) nodes.push_back(node);
        for (NodeId group = nodes_[node].groups; group != 0; group = nodes_[group].plus)
            if (nodes_[group].subscriptions != 0) nodes.push_back(group);
    };
    here_.assign(1, root);
    bool wildcards = !topic.reserved();
    for (TopicLevels levels(topic.text()); !levels.done() && !here_.empty();) {
        const std::uint32_t level = levels_.find(levels.next());
        next_.clear();
        for (const NodeId node : here_) {
            if (wildcards) {
                take(nodes_[node].hash);
                if (const NodeId plus = nodes_[node].plus) next_.push_back(plus);
            }
            if (level == 0) continue;
            if (const NodeId found = child(node, level)) next_.push_back(found);
        }
        here_.swap(next_);
        wildcards = true;
    }
    for (const NodeId node : here_) {
        take(node);
        take(nodes_[node].hash);
    }
}

std::string_view TopicTrie::level_text(const Node& node) const noexcept {
    if (node.level == plus_level) return "+";
    if (node.level == hash_level) return "#";
    return levels_.text(node.level);
}

TopicFilter TopicTrie::filter(NodeId id) const {
    std::vector<std::string_view> path;
    std::string text;
    if (shared(id)) {
        text.append(share_prefix).append(levels_.text(nodes_[id].level & ~group_bit)).append(1, '/');
        id = nodes_[id].parent;
    }
    for (; nodes_[id].parent != 0; id = nodes_[id].parent) path.push_back(level_text(nodes_[id]));
    text.append(path.back());
    for (std::size_t at = path.size() - 1; at-- > 0;) text.append(1, '/').append(path[at]);
    return TopicFilter::trusted({nodes_[id].level}, std::move(text));
}

bool TopicTrie::any_under(TenantId tenant, std::string_view first) const noexcept {
    const NodeId root = child(0, tenant.value);
    return root != 0 && child(root, first) != 0;
}

}  // namespace junctor
