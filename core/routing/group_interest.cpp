#include "core/routing/group_interest.hpp"

namespace junctor {

void GroupInterest::joined(CoreId from, NodeId node, const TopicFilter& filter, bool durable, Token question) {
    const std::optional<bool> before = subscriptions_.core_wants(from, node);
    subscriptions_.set_core(from, node, durable);
    groups_.add_core(node, from);
    // First the new hold: the node must not go in between.
    const std::optional<Errc> outcome = interest_.hold(node, filter, durable);
    if (before) interest_.release(node, *before);
    const Waiting waiting{from, question};
    if (outcome) return answer(waiting, node, *outcome);
    waiting_[node].push_back(waiting);
}

void GroupInterest::answer(Waiting waiting, NodeId node, Errc code) {
    Mail mail;
    mail.what = Mail::What::interested;
    mail.code = code;
    mail.from = core_.id();
    mail.token = waiting.question;
    if (code == Errc::ok) {
        mail.group = groups_.add_core(node, waiting.from);
    } else {
        left(waiting.from, node);
    }
    if (waiting.question.value != 0) core_.mailbox().post(waiting.from, std::move(mail));
}

void GroupInterest::left(CoreId from, NodeId node) noexcept {
    const std::optional<bool> before = subscriptions_.core_wants(from, node);
    if (!before) return;
    subscriptions_.remove_core(from, node);
    groups_.remove_core(node, from);
    interest_.release(node, *before);
}

void GroupInterest::settled(NodeId node, Errc code) {
    const auto waiting = waiting_.extract(node);
    if (waiting.empty()) return;
    for (const Waiting& each : waiting.mapped()) answer(each, node, code);
}

}  // namespace junctor
