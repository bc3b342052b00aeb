// May a session have what is on its way to it? Known with the match where local rules decide; of each delivery by itself where somebody
// elsewhere has a say.

#include <algorithm>

#include "policy/policy_gate.hpp"

namespace junctor {

bool PolicyGate::may_receive(const Session& session, const Topic& topic) noexcept {
    if (judge_.judges_deliveries()) return judge_.may_be_delivered(session, topic);
    return judge_.allows(session, Verb::receive, topic.text());
}

bool PolicyGate::may_read(const Session& session, const Topic& topic) noexcept {
    return judge_.judges_deliveries() ? judge_.may_have(session, topic) == Ruling::allow : may_receive(session, topic);
}

/// What a durable session keeps is stored before its publisher is told, so it is kept now and judged when it goes.
ReceiveRule::Sifted PolicyGate::sift(Session& to, const Delivery& delivery) noexcept {
    const Topic topic = delivery.envelope->topic();
    const bool keeps_itself = to.durable() && delivery.qos != Qos::at_most_once;
    const bool has_others = delivery.group || delivery.envelope->kind() == Kind::send;
    if (has_others && withheld_.refused_lately(to, topic)) return Sifted::denied;
    if (keeps_itself || !withheld_.waits(to)) {
        const Ruling ruling = judge_.may_have(to, topic);
        if (ruling != Ruling::later) return ruling == Ruling::allow ? Sifted::give : Sifted::denied;
        if (keeps_itself) return Sifted::give;
    }
    if (withheld_.add(to, delivery)) return Sifted::kept;
    to.close(CloseReason::slow_consumer, "too many messages wait for the policy service");
    return Sifted::kept;
}

std::optional<bool> PolicyGate::may_have(DurableSession& session, const Topic& topic) noexcept {
    if (!judge_.judges_deliveries()) return judge_.allows(session, Verb::receive, topic.text());
    const Ruling ruling = judge_.may_have(session, topic);
    if (ruling != Ruling::later) return ruling == Ruling::allow;
    withheld_.ask(session, topic);
    // Whoever answers at once has been heard already.
    const Ruling now = judge_.may_have(session, topic);
    return now == Ruling::later ? std::nullopt : std::optional(now == Ruling::allow);
}

bool PolicyGate::passes_on(DurableSession& session, const EnvelopePtr& envelope, const Ref<const SharedGroup>& group) noexcept {
    if (!group && envelope->kind() != Kind::send) return false;
    withheld_.note_refusal(session, envelope->topic());
    if (group) router_.give_back({{envelope, group}});
    else router_.send_again(envelope);
    return true;
}

void PolicyGate::known(Session& session) noexcept {
    if (!session.durable()) return;
    DurableSession* const durable = durables_.find(session.principal()->tenant, session.name());
    if (durable && durable->id() == session.id()) durable->pump();
}

void PolicyGate::when_readable(const Session& session, const std::vector<EnvelopePtr>& messages, std::function<void()> then) {
    std::vector<KeptQuestion> unknown;
    for (const EnvelopePtr& each : messages) {
        const Question question = judge_.question(session, Verb::receive, each->topic_text());
        const auto is_same = [&](const KeptQuestion& other) { return same_question(other.view(), question); };
        if (judge_.unknown(question) && std::ranges::none_of(unknown, is_same)) unknown.emplace_back(question);
    }
    if (unknown.empty()) return then();
    when_known(std::move(unknown), std::move(then));
}

}  // namespace junctor
