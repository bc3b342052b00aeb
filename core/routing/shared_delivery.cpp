// How a message finds its way to one member of a group.

#include <numeric>

#include "core/routing/routing_metrics.hpp"
#include "core/routing/shared_groups.hpp"

namespace junctor {

using Readiness = GroupMembers::Readiness;
using Outcome = GroupMembers::Outcome;

std::uint32_t SharedGroups::packed(Search search) noexcept {
    return static_cast<std::uint32_t>(search.at_least) << 16 | std::uint32_t{search.first} << 8 | search.tried;
}

SharedGroups::Search SharedGroups::unpacked(std::uint32_t count) noexcept {
    return {static_cast<Readiness>(count >> 16), static_cast<std::uint8_t>(count >> 8), static_cast<std::uint8_t>(count)};
}

void SharedGroups::deliver(const TopicFilter& filter, const EnvelopePtr& envelope, CommitNeed& need) noexcept {
    const NodeId node = trie_.find(filter);
    if (node == 0 || !find(node)) return owner_.nobody_takes(filter, envelope, need);
    deliver(node, envelope, need);
}

void SharedGroups::deliver(NodeId node, const EnvelopePtr& envelope, CommitNeed& need) noexcept {
    const GroupPtr group = find(node);
    if (!group) return;
    switch (search(*group, envelope, begin(*group), need.number, need.joint)) {
    case Found::nobody: return owner_.nobody_takes(group->name->filter, envelope, need);
    case Found::given: return;
    case Found::stored: need.here = true; return;
    case Found::asked: need.missing += need.number != 0; return;
    }
}

std::optional<DeliverResult> SharedGroups::send(NodeId node, const EnvelopePtr& envelope, std::function<void(DeliverResult)> done) {
    const GroupPtr group = find(node);
    if (!group) return DeliverResult::refused;
    const std::uint64_t number = commits_.new_number();
    const Found found = search(*group, envelope, begin(*group), number, false);
    if (found != Found::asked) return result_of(found);
    sends_.emplace(number, std::move(done));
    return std::nullopt;
}

bool SharedGroups::has_taken(std::uint64_t number) noexcept { return end_send(number, DeliverResult::queued); }

bool SharedGroups::end_send(std::uint64_t number, DeliverResult result) noexcept {
    if (sends_.empty()) [[likely]]
        return false;
    const auto send = sends_.extract(number);
    if (!send.empty()) send.mapped()(result);
    return !send.empty();
}

DeliverResult SharedGroups::result_of(Found found) noexcept {
    if (found == Found::nobody) return DeliverResult::refused;
    return found == Found::stored ? DeliverResult::stored : DeliverResult::queued;
}

/// Whose turn it is. A core that has all the members need not be asked twice.
SharedGroups::Search SharedGroups::begin(Group& group) const noexcept {
    const std::uint32_t members = std::accumulate(group.counts.begin(), group.counts.end(), 0U);
    if (members == 0) return {Readiness::away, 0, 0};
    std::uint32_t chosen = group.turn++ % members;
    std::uint8_t first = 0;
    for (; chosen >= group.counts[first]; ++first) chosen -= group.counts[first];
    return {group.counts[first] == members ? Readiness::away : Readiness::now, first, 0};
}

/// All cores are asked for a member that is ready now, then for one that is connected, then for any. `number`: who asks to hear
/// that it is stored; 0: nobody.
SharedGroups::Found SharedGroups::search(Group& group, const EnvelopePtr& envelope, Search from, std::uint64_t number,
                                         bool joint) noexcept {
    for (Search at = from;; ++at.tried) {
        if (at.tried == core_.count()) {
            if (at.at_least == Readiness::away) return Found::nobody;
            at = {static_cast<Readiness>(static_cast<int>(at.at_least) + 1), at.first, 0};
        }
        const CoreId core{static_cast<std::uint16_t>((at.first + at.tried) % core_.count())};
        if (group.counts[core.value] == 0) continue;
        if (core != core_.id()) {
            ask(core, group, envelope, at, number, joint);
            return Found::asked;
        }
        const Outcome outcome = group.members.give(envelope, at.at_least, *group.name, fan_out_, rule_);
        if (outcome != Outcome::refused) return outcome == Outcome::stored ? Found::stored : Found::given;
    }
}

/// A joint part is stored there together with what the home stores now, so the first core that is asked has to take it.
void SharedGroups::ask(CoreId core, const Group& group, const EnvelopePtr& envelope, Search search, std::uint64_t number,
                       bool joint) noexcept {
    if (joint) search.at_least = Readiness::away;
    Mail mail = make(Mail::What::group_message, group.number, envelope, packed(search));
    mail.token = {number};
    mail.group_name = group.name;
    if (joint) {
        mail.parts = 2;
        mail.transaction = commits_.transaction(commits_.new_number());
        commits_.join({mail.transaction, mail.parts});
    }
    core_.mailbox().post(core, std::move(mail));
}

void SharedGroups::receive_message(Mail&& mail) noexcept {
    if (mail.parts != 0) commits_.join({mail.transaction, mail.parts});
    if (const GroupPtr group = find_number(mail.group)) {
        const Outcome outcome = group->members.give(mail.envelope, unpacked(mail.count).at_least, *group->name, fan_out_, rule_);
        CommitNeed need;
        need.here = outcome == Outcome::stored;
        if (outcome != Outcome::refused) return commits_.answer(mail.from, mail.token, need);
    }
    Mail refusal = make(Mail::What::group_refused, mail.group, mail.envelope, mail.count);
    refusal.token = mail.token;
    refusal.group_name = std::move(mail.group_name);
    core_.mailbox().post(mail.from, std::move(refusal));
}

void SharedGroups::receive_refused(Mail&& mail) noexcept {
    Search next = unpacked(mail.count);
    ++next.tried;
    const GroupPtr group = find_number(mail.group);
    const Found found = group ? search(*group, mail.envelope, next, mail.token.value, false) : Found::nobody;
    if (found == Found::asked || end_send(mail.token.value, result_of(found))) return;
    CommitNeed need;
    need.number = mail.token.value;
    if (found == Found::nobody) owner_.nobody_takes(mail.group_name->filter, mail.envelope, need);
    if (need.number != 0 && need.missing == 0) commits_.stored(need.number, found == Found::stored);
}

void SharedGroups::give_back(const std::vector<HandedBack>& messages) noexcept {
    for (const HandedBack& each : messages) {
        const TopicFilter& filter = each.group->filter;
        Mail mail;
        mail.what = Mail::What::group_back;
        mail.from = core_.id();
        mail.tenant = filter.tenant();
        mail.text = std::make_unique<std::string>(filter.canonical());
        mail.envelope = each.envelope;
        // To this core itself too: what the session did not get done comes after what is being delivered now.
        core_.mailbox().post(core_.home_of(filter.tenant(), *mail.text), std::move(mail));
    }
}

void SharedGroups::receive_back(Mail&& mail) noexcept {
    if (mail.envelope->expired(core_.now())) return core_.metrics().add(routing_metrics().dropped_expired);
    CommitNeed nobody_waits;
    deliver(TopicFilter::trusted(mail.tenant, *mail.text), mail.envelope, nobody_waits);
}

Mail SharedGroups::make(Mail::What what, std::uint64_t group, const EnvelopePtr& envelope, std::uint32_t count) const noexcept {
    Mail mail;
    mail.what = what;
    mail.from = core_.id();
    mail.count = count;
    mail.envelope = envelope;
    mail.group = group;
    return mail;
}

}  // namespace junctor
