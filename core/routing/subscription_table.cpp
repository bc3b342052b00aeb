#include "core/routing/subscription_table.hpp"

#include <algorithm>

namespace junctor {

std::uint32_t SubscriptionTable::find(std::uint32_t slot, NodeId node) const noexcept {
    if (count(slot) == 0) return 0;
    // The shorter list first: neither a popular filter nor a session with many filters may make this slow.
    if (trie_.holds(node) < sessions_[slot].count) {
        std::uint32_t id = trie_.subscriptions(node);
        while (id != 0 && all_[id].subscriber != slot) id = all_[id].next;
        return id;
    }
    std::uint32_t id = sessions_[slot].first;
    while (id != 0 && all_[id].node != node) id = all_[id].next_of_session;
    return id;
}

std::uint32_t SubscriptionTable::find_core(CoreId core, NodeId node) const noexcept {
    std::uint32_t id = trie_.subscriptions(node);
    while (id != 0 && all_[id].subscriber != (core.value | remote_bit)) id = all_[id].next;
    return id;
}

std::uint32_t SubscriptionTable::insert(std::uint32_t subscriber, NodeId node) {
    const std::uint32_t id = all_.add();
    Subscription& added = all_[id];
    added.node = node;
    added.subscriber = subscriber;
    added.next = trie_.subscriptions(node);
    if (added.next != 0) all_[added.next].previous = id;
    trie_.subscriptions(node) = id;
    return id;
}

/// One for each 512 bytes and for each 32 levels, so that a count of them bounds the memory they take.
std::uint16_t SubscriptionTable::weight_of(const TopicFilter& filter) noexcept {
    const auto levels = static_cast<std::size_t>(std::count(filter.text().begin(), filter.text().end(), '/'));
    return static_cast<std::uint16_t>(1 + (filter.text().size() + filter.group().size()) / 512 + levels / 32);
}

bool SubscriptionTable::set(std::uint32_t slot, NodeId node, const SubscribeOptions& options, std::uint16_t weight) {
    std::uint32_t id = find(slot, node);
    const bool fresh = id == 0;
    if (fresh) {
        id = insert(slot, node);
        if (slot >= sessions_.size()) sessions_.resize(slot + 1);
        SessionList& list = sessions_[slot];
        all_[id].next_of_session = list.first;
        if (list.first != 0) all_[list.first].previous_of_session = id;
        list.first = id;
        ++list.count;
        list.weight += weight;
        all_[id].weight = weight;
    }
    Subscription& subscription = all_[id];
    subscription.subscription_id = options.subscription_id;
    subscription.max_qos = options.max_qos;
    subscription.no_local = options.no_local;
    subscription.retain_as_published = options.retain_as_published;
    return fresh;
}

void SubscriptionTable::unlink(std::uint32_t id) noexcept {
    const Subscription& gone = all_[id];
    (gone.previous != 0 ? all_[gone.previous].next : trie_.subscriptions(gone.node)) = gone.next;
    if (gone.next != 0) all_[gone.next].previous = gone.previous;
    all_.remove(id);
}

void SubscriptionTable::unlink_from_session(std::uint32_t id) noexcept {
    const Subscription& gone = all_[id];
    SessionList& list = sessions_[gone.subscriber];
    (gone.previous_of_session != 0 ? all_[gone.previous_of_session].next_of_session : list.first) = gone.next_of_session;
    if (gone.next_of_session != 0) all_[gone.next_of_session].previous_of_session = gone.previous_of_session;
    --list.count;
    list.weight -= gone.weight;
}

bool SubscriptionTable::remove(std::uint32_t slot, NodeId node) noexcept {
    const std::uint32_t id = find(slot, node);
    if (id == 0) return false;
    unlink_from_session(id);
    unlink(id);
    return true;
}

NodeId SubscriptionTable::remove_any(std::uint32_t slot) noexcept {
    if (count(slot) == 0) return 0;
    const std::uint32_t id = sessions_[slot].first;
    const NodeId node = all_[id].node;
    unlink_from_session(id);
    unlink(id);
    return node;
}

void SubscriptionTable::set_core(CoreId core, NodeId node, bool durable) {
    std::uint32_t id = find_core(core, node);
    if (id == 0) id = insert(core.value | remote_bit, node);
    all_[id].durable = durable;
}

std::optional<bool> SubscriptionTable::core_wants(CoreId core, NodeId node) const noexcept {
    const std::uint32_t id = find_core(core, node);
    return id == 0 ? std::nullopt : std::optional<bool>(all_[id].durable);
}

bool SubscriptionTable::remove_core(CoreId core, NodeId node) noexcept {
    const std::uint32_t id = find_core(core, node);
    if (id == 0) return false;
    unlink(id);
    return true;
}

}  // namespace junctor
