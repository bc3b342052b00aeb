#include "core/routing/group_members.hpp"

#include <algorithm>

namespace junctor {
namespace {

GroupMembers::Readiness readiness_of(const Session& session, Qos qos) noexcept {
    if (session.away()) return GroupMembers::Readiness::away;
    return session.accepts(qos) ? GroupMembers::Readiness::now : GroupMembers::Readiness::later;
}

}  // namespace

void GroupMembers::set(Session& session, const SubscribeOptions& options) {
    const auto at = std::find_if(members_.begin(), members_.end(), [&](const Member& each) { return each.session == &session; });
    if (at == members_.end()) {
        members_.push_back({&session, options});
    } else {
        at->options = options;
    }
}

void GroupMembers::remove(const Session& session) noexcept {
    std::erase_if(members_, [&](const Member& each) { return each.session == &session; });
}

GroupMembers::Outcome GroupMembers::give(const EnvelopePtr& envelope, Readiness at_least, const SharedGroup& group, FanOut& fan_out,
                                         ReceiveRule& rule) noexcept {
    for (const Readiness readiness : {Readiness::now, Readiness::later, Readiness::away}) {
        if (readiness > at_least) break;
        const Outcome outcome = give_to_one_of(readiness, envelope, group, fan_out, rule);
        if (outcome != Outcome::refused) return outcome;
    }
    return Outcome::refused;
}

/// A member that refuses may leave from within: the list is looked at anew each time.
GroupMembers::Outcome GroupMembers::give_to_one_of(Readiness readiness, const EnvelopePtr& envelope, const SharedGroup& group,
                                                   FanOut& fan_out, ReceiveRule& rule) noexcept {
    for (std::size_t left = members_.size(); left > 0 && !members_.empty(); --left) {
        const Member member = members_[next_++ % members_.size()];
        const Qos qos = std::min(member.options.max_qos, envelope->qos());
        if (readiness_of(*member.session, qos) != readiness || !rule.may_receive(*member.session, envelope->topic())) continue;
        const bool retain = member.options.retain_as_published && envelope->retain();
        const DeliverResult result = fan_out.deliver_to(*member.session, member.options, envelope, retain, &group);
        if (result != DeliverResult::refused && result != DeliverResult::denied) return result == DeliverResult::stored ? Outcome::stored : Outcome::given;
    }
    return Outcome::refused;
}

}  // namespace junctor
