#include "policy/policy_gate.hpp"

#include <cassert>

#include "core/model/hop_path.hpp"
#include "core/routing/routing_metrics.hpp"
#include "core/session/session_table.hpp"
#include "policy/audit_trail.hpp"
#include "policy/authentication_chain.hpp"
#include "policy/standing_rules.hpp"

namespace junctor {
namespace {

/// Most that is said about the filters of one packet.
constexpr std::size_t longest_reason = 1'000;

/// `a/#: no rule allows this; b: ...`, or of a lone filter the reason alone.
void append_refusal(std::string& to, std::string_view filter, std::string_view reason) {
    constexpr std::string_view more = "; ...";
    if (to.ends_with(more)) return;
    if (to.size() + filter.size() + reason.size() > longest_reason && !filter.empty()) {
        to += more;
        return;
    }
    if (!to.empty()) to += "; ";
    if (!filter.empty()) to.append(filter) += ": ";
    to += reason;
}

}  // namespace

PolicyGate::PolicyGate(Core& core, std::unique_ptr<Backend> backend, PolicyPtr policy, std::uint32_t gateway)
    : core_(core),
      judge_(core, std::move(policy)),
      router_(core, std::move(backend), *this, gateway),
      presence_(router_),
      rejudgement_(core, {[this](Session& session) { return review(session); }, [this] { return router_.subscribing(); }}) {
    core.set_gate(*this);
    core.set_receiver(router_);
    router_.hear_gateways(std::string(Revocations::told_as), [this](std::string_view whose, Bytes words, std::function<void()> kept) {
        revoked_elsewhere(whose, words, std::move(kept));
    });
}

void PolicyGate::adopt(PolicyPtr policy) noexcept {
    judge_.adopt(std::move(policy));
    refresh();
}

void PolicyGate::refresh() noexcept {
    if (changed()) router_.forget_matches();
}

bool PolicyGate::changed() noexcept {
    if (!judge_.changed()) return false;
    rejudgement_.begin();
    return true;
}

/// What somebody left who is denied it now is not shown to those who come after.
bool PolicyGate::may_replay(const Session& session, const Envelope& value) noexcept {
    return may_receive(session, value.topic()) && !judge_.forbids_publishing(value);
}

std::unique_ptr<Authentication> PolicyGate::authenticate(Credentials credentials, AuthenticationDone done) {
    credentials.core = core_.id();
    return AuthenticationChain::start(judge_.policy(), std::move(credentials), std::move(done), [this](const Principal& who) { return revoked(who); });
}

Explanation PolicyGate::explain(const Session& session, Verb verb, std::string_view object) {
    refresh();
    Explanation explanation = judge_.explain(judge_.question(session, verb, object));
    explanation.quotas = quotas_of(session);
    return explanation;
}

void PolicyGate::explain_when_known(const Session& session, Verb verb, std::string_view object,
                                    std::function<void(const Session*, const Explanation&)> done) {
    refresh();
    const Question question = judge_.question(session, verb, object);
    if (!judge_.asks_others()) return done(&session, explain(session, verb, object));
    const KeptQuestion kept(question);
    when_known({kept}, [this, id = session.id(), kept, done = std::move(done)] {
        const Session* const there = core_.sessions().find(id);
        done(there, there ? explain(*there, kept.verb, kept.object) : Explanation());
    });
}

PolicyGate::Checked PolicyGate::check(const Session& from, Draft& draft, Verb verb) {
    assert(from.id() && draft.topic.tenant() == from.principal()->tenant);
    refresh();
    const std::string_view topic = draft.topic.text();
    if (draft.topic.reserved()) draft.retain = false;
    const Ruling ruling = verb == Verb::publish ? judge_.may_publish(from, draft.topic) : judge_.rule(from, verb, topic);
    if (ruling == Ruling::later) return {{}, {{verb, topic}}};
    if (ruling == Ruling::deny) return {Refusal{Errc::denied, judge_.reason(from, verb, topic)}, {}};
    if (draft.retain && !draft.payload.empty() && router_.retained_store().bytes() >= core_.limits().retained)
        return {Refusal{Errc::quota_exceeded, "the gateway keeps no more retained messages"}, {}};
    if (draft.extras && !draft.extras->reply_to.empty()) return check_reply_to(from, draft);
    return {};
}

/// A reply address is judged when the request comes in, as a subscribe by the requester.
PolicyGate::Checked PolicyGate::check_reply_to(const Session& from, const Draft& draft) {
    const std::string& text = draft.extras->reply_to;
    const Result<Topic> topic = Topic::parse(draft.topic.tenant(), text);
    if (!topic) return {Refusal{Errc::bad_topic, "the reply address is not a valid topic name"}, {}};
    if (is_inbox(text)) return {};
    if (topic->reserved() && !is_addressed(text)) {
        judge_.note_denial(from, Verb::subscribe, text, "the reply address is the gateway's own");
        return {Refusal{Errc::denied, "the reply address is the gateway's own"}, {}};
    }
    const Ruling ruling = judge_.rule(from, Verb::subscribe, text);
    if (ruling == Ruling::later) return {{}, {{Verb::subscribe, text}}};
    if (ruling == Ruling::deny) return {Refusal{Errc::denied, judge_.reason(from, Verb::subscribe, text)}, {}};
    return {};
}

void PolicyGate::refuse(Session& from, Token token, const Refusal& refusal) noexcept {
    if (token.value != 0) from.settled(token, {refusal.code, 0, refusal.reason, {}});
}

void PolicyGate::log_message(const Session& from, const Topic& topic, std::size_t bytes, Errc outcome) noexcept {
    message_log_.write({from.protocol(), from.name(), from.principal()->name, topic.text(), bytes, outcome});
}

/// What is over a limit is refused at once, whatever waits.
bool PolicyGate::over_quota_refused(Session& from, const Draft& draft, Token token) noexcept {
    const std::optional<Refusal> refusal = over_quota(from, draft);
    if (!refusal) return false;
    if (message_log_.wants_next()) log_message(from, draft.topic, draft.payload.size(), refusal->code);
    refuse(from, token, *refusal);
    return true;
}

/// What a bridge brings says where it has been. It is dropped where that is here; who is no bridge is not believed.
bool PolicyGate::goes_round(bool bridges, Draft& draft) noexcept {
    if (!bridges) {
        draft.extras->hops.clear();
        return false;
    }
    if (!crossed(draft.extras->hops, gateway_name_)) return false;
    core_.metrics().add(routing_metrics().dropped_looped);
    return true;
}

void PolicyGate::publish(Session& from, Draft&& draft, Token token) noexcept {
    DurableSession* durable = durables_.of(from);
    if (!durable) draft.exactly_once_id = 0;
    if (draft.exactly_once_id != 0 && durable->unreleased(draft.exactly_once_id)) return durables_.settle_again(*durable, token);
    if (over_quota_refused(from, draft, token)) return;
    if (!undecided_.waits(from) && try_publish(from, draft, token).empty()) return;
    const auto owned = std::make_shared<OwnedDraft>(std::move(draft));
    const auto attempt = [this, owned, token](Session& by) { return try_publish(by, owned->draft, token); };
    // Whoever waits for no answer may be gone by then.
    wait(from, {attempt, owned->footprint(), token.value == 0}, token);
}

std::vector<Unknown> PolicyGate::try_publish(Session& from, Draft& draft, Token token) noexcept {
    DurableSession* durable = durables_.of(from);
    if (!durable) draft.exactly_once_id = 0;
    if (std::optional<std::vector<Unknown>> hindered = hindrance(from, draft, token)) return std::move(*hindered);
    if (!durable) return router_.publish(from, std::move(draft), token), std::vector<Unknown>();
    if (draft.exactly_once_id != 0) durables_.note_unreleased(*durable, draft.exactly_once_id);
    router_.publish(from, std::move(draft), token, durable->id());
    return {};
}

/// None: it may go out. Else what is to be asked first, or nothing, where it has been refused.
std::optional<std::vector<Unknown>> PolicyGate::hindrance(Session& from, Draft& draft, Token token) noexcept {
    if (draft.extras && !draft.extras->hops.empty()) [[unlikely]] {
        const Ruling bridges = judge_.rule(from, Verb::bridge, draft.topic.text());
        if (bridges == Ruling::later) return std::vector<Unknown>{{Verb::bridge, draft.topic.text()}};
        if (goes_round(bridges == Ruling::allow, draft)) return refuse(from, token, {Errc::ok, {}}), std::vector<Unknown>();
    }
    Checked checked = check(from, draft, Verb::publish);
    if (!checked.unknown.empty()) return std::move(checked.unknown);
    const std::optional<Refusal>& refusal = checked.refusal;
    if (message_log_.wants_next()) log_message(from, draft.topic, draft.payload.size(), refusal ? refusal->code : Errc::ok);
    if (refusal) return refuse(from, token, *refusal), std::vector<Unknown>();
    return std::nullopt;
}

void PolicyGate::request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept {
    if (over_quota_refused(from, draft, token)) return;
    if (!undecided_.waits(from) && try_request(from, draft, timeout, token).empty()) return;
    const auto owned = std::make_shared<OwnedDraft>(std::move(draft));
    const auto attempt = [this, owned, timeout, token](Session& by) { return try_request(by, owned->draft, timeout, token); };
    wait(from, {attempt, owned->footprint()}, token);
}

std::vector<Unknown> PolicyGate::try_request(Session& from, Draft& draft, Duration timeout, Token token) noexcept {
    Checked checked = check(from, draft, Verb::request);
    if (!checked.unknown.empty()) return std::move(checked.unknown);
    std::optional<Refusal>& refusal = checked.refusal;
    if (draining_) refusal = Refusal{Errc::shutting_down, {}};
    if (message_log_.wants_next()) log_message(from, draft.topic, draft.payload.size(), refusal ? refusal->code : Errc::ok);
    if (refusal) {
        refuse(from, token, *refusal);
    } else {
        router_.request(from, std::move(draft), timeout, token);
    }
    return {};
}

void PolicyGate::wait(Session& by, Undecided::Operation operation, Token token) noexcept {
    if (!undecided_.add(by, std::move(operation))) refuse(by, token, {Errc::overloaded, "too much waits for the policy service"});
}

std::optional<PolicyGate::Refusal> PolicyGate::check_filter(const Session& by, const TopicFilter& filter) {
    if (draining_) return Refusal{Errc::shutting_down, {}};
    if (judge_.allows(by, Verb::subscribe, filter.text())) return std::nullopt;
    return Refusal{Errc::denied, judge_.reason(by, Verb::subscribe, filter.text())};
}

std::optional<PolicyGate::Refusal> PolicyGate::check_history(const Session& by, const TopicFilter& filter) {
    if (judge_.allows(by, Verb::history, filter.text())) return std::nullopt;
    return Refusal{Errc::denied, judge_.reason(by, Verb::history, filter.text())};
}

/// Of all filters at once, so that they are asked together.
std::vector<Unknown> PolicyGate::unknown_filters(const Session& by, std::span<const SubscribeRequest> requests) {
    std::vector<Unknown> unknown;
    if (!judge_.asks_others() || draining_) return unknown;
    for (const SubscribeRequest& request : requests) {
        const std::string_view filter = request.filter.text();
        if (judge_.unknown(by, Verb::subscribe, filter)) unknown.push_back({Verb::subscribe, filter});
        if (request.start && judge_.unknown(by, Verb::history, filter)) unknown.push_back({Verb::history, filter});
    }
    return unknown;
}

void PolicyGate::subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept {
    if (!undecided_.waits(by) && try_subscribe(by, requests, token).empty()) return;
    std::size_t bytes = requests.size_bytes();
    for (const SubscribeRequest& request : requests) bytes += request.filter.text().size();
    const auto attempt = [this, kept = std::vector<SubscribeRequest>(requests.begin(), requests.end()), token](Session& session) {
        return try_subscribe(session, kept, token);
    };
    wait(by, {attempt, bytes}, token);
}

std::vector<Unknown> PolicyGate::try_subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept {
    refresh();
    if (std::vector<Unknown> unknown = unknown_filters(by, requests); !unknown.empty()) return unknown;
    DurableSession* durable = durables_.of(by);
    const bool cannot_store = durable && !core_.journal().accepts();
    std::vector<Errc> codes;
    std::string reason;
    std::size_t refused = 0;
    codes.reserve(requests.size());
    for (const SubscribeRequest& request : requests) {
        std::optional<Refusal> refusal = check_filter(by, request.filter);
        if (!refusal && request.start) refusal = check_history(by, request.filter);
        if (!refusal && cannot_store) refusal = Refusal{Errc::overloaded, std::string(Journal::refusal)};
        codes.push_back(refusal ? refusal->code : Errc::ok);
        if (!refusal) continue;
        ++refused;
        append_refusal(reason, requests.size() > 1 ? request.filter.text() : std::string_view(), refusal->reason);
    }
    // Nothing to route.
    if (refused != 0 && refused == requests.size()) {
        if (token.value != 0) by.settled(token, {Errc::ok, 0, reason, codes});
        return {};
    }
    presence_.subscribed(by, requests, codes);
    if (durable) {
        const Token own = durable->begin(token, requests);
        router_.subscribe(*durable, requests, std::move(codes), own, std::move(reason));
    } else {
        router_.subscribe(by, requests, std::move(codes), token, std::move(reason));
    }
    return {};
}

void PolicyGate::unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept {
    if (!undecided_.waits(by)) return do_unsubscribe(by, filters, token);
    std::size_t bytes = filters.size_bytes();
    for (const TopicFilter& filter : filters) bytes += filter.text().size();
    const auto attempt = [this, kept = std::vector<TopicFilter>(filters.begin(), filters.end()), token](Session& session) {
        do_unsubscribe(session, kept, token);
        return std::vector<Unknown>();
    };
    wait(by, {attempt, bytes}, token);
}

void PolicyGate::do_unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept {
    presence_.unsubscribed(by, filters);
    DurableSession* durable = durables_.of(by);
    if (!durable) return router_.unsubscribe(by, filters, token);
    const Token own = durable->begin(token, filters);
    router_.unsubscribe(*durable, filters, own);
}

void PolicyGate::history(Session& by, const HistoryQuestion& question, Token token) noexcept {
    if (!undecided_.waits(by) && try_history(by, question, token).empty()) return;
    const auto attempt = [this, question, token](Session& session) { return try_history(session, question, token); };
    if (!undecided_.add(by, {attempt, sizeof question + question.filter.text().size()}))
        refuse_history(by, token, {Errc::overloaded, "too much waits for the policy service"});
}

std::vector<Unknown> PolicyGate::try_history(Session& by, const HistoryQuestion& question, Token token) noexcept {
    refresh();
    if (judge_.unknown(by, Verb::history, question.filter.text())) return {{Verb::history, question.filter.text()}};
    if (std::optional<Refusal> refusal = check_history(by, question.filter)) {
        refuse_history(by, token, std::move(*refusal));
    } else {
        router_.read_history(by, question, token);
    }
    return {};
}

void PolicyGate::refuse_history(Session& by, Token token, Refusal refusal) noexcept {
    HistoryPage nothing;
    nothing.code = refusal.code;
    nothing.reason = std::move(refusal.reason);
    by.history_read(token, nothing);
}

Result<std::size_t> PolicyGate::retained(Session& by, const TopicFilter& filter, std::size_t most,
                                         const std::function<void(const EnvelopePtr&)>& each) noexcept {
    refresh();
    if (!judge_.allows(by, Verb::subscribe, filter.text())) return Errc::denied;
    std::size_t given = 0;
    router_.retained(filter, [&](const EnvelopePtr& envelope) {
        if (given == most) return false;
        if (!may_read(by, envelope->topic()) || judge_.forbids_publishing(*envelope)) return true;
        ++given;
        each(envelope);
        return true;
    });
    return given;
}

}  // namespace junctor
