#include "core/routing/shared_groups.hpp"

#include <algorithm>

#include "core/routing/routing_metrics.hpp"

namespace junctor {

bool SharedGroups::home_here(const TopicFilter& filter) const noexcept {
    return filter.shared() && core_.home_of(filter.tenant(), filter.canonical()) == core_.id();
}

SharedGroups::GroupPtr SharedGroups::find(NodeId node) const noexcept {
    const auto at = groups_.find(node);
    return at == groups_.end() ? nullptr : at->second;
}

SharedGroups::GroupPtr SharedGroups::find_number(std::uint64_t number) const noexcept {
    const auto at = numbers_.find(number);
    return at == numbers_.end() ? nullptr : at->second;
}

bool SharedGroups::leads(NodeId node) const noexcept {
    const GroupPtr group = find(node);
    return group && group->home == core_.id();
}

SharedGroups::GroupPtr SharedGroups::entry(NodeId node) {
    GroupPtr& group = groups_[node];
    if (group) return group;
    TopicFilter filter = trie_.filter(node);
    const CoreId home = core_.home_of(filter.tenant(), filter.canonical());
    group = std::make_shared<Group>(node, home, std::move(filter));
    group->counts.resize(core_.count());
    if (home == core_.id()) set_number(node, std::uint64_t{home.value} << 48 | ++last_number_);
    return group;
}

void SharedGroups::set_number(NodeId node, std::uint64_t number) {
    const GroupPtr group = entry(node);
    numbers_.erase(group->number);
    group->number = number;
    numbers_.emplace(number, group);
}

void SharedGroups::forget(NodeId node) noexcept {
    const auto at = groups_.find(node);
    if (at == groups_.end()) return;
    numbers_.erase(at->second->number);
    groups_.erase(at);
}

void SharedGroups::set_member(NodeId node, Session& session, const SubscribeOptions& options) {
    const GroupPtr group = entry(node);
    group->members.set(session, options);
    report_count(*group);
}

void SharedGroups::remove_member(NodeId node, const Session& session) noexcept {
    const GroupPtr group = find(node);
    if (!group) return;
    group->members.remove(session);
    report_count(*group);
}

void SharedGroups::report_count(Group& group) noexcept {
    const std::uint32_t count = group.members.size();
    if (group.home != core_.id()) return core_.mailbox().post(group.home, make(Mail::What::group_count, group.number, nullptr, count));
    group.counts[core_.id().value] = count;
}

std::uint64_t SharedGroups::add_core(NodeId node, CoreId core) {
    const GroupPtr group = entry(node);
    group->counts[core.value] = std::max(group->counts[core.value], 1U);
    return group->number;
}

void SharedGroups::remove_core(NodeId node, CoreId core) noexcept {
    if (const GroupPtr group = find(node)) group->counts[core.value] = 0;
}

void SharedGroups::receive_count(const Mail& mail) noexcept {
    if (const GroupPtr group = find_number(mail.group)) group->counts[mail.from.value] = std::max(mail.count, 1U);
}

}  // namespace junctor
