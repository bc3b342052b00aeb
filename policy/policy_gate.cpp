#include "policy/policy_gate.hpp"

#include <cassert>

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
      judge_(std::move(policy), core.id(), core.metrics()),
      router_(core, std::move(backend), *this, gateway),
      presence_(router_),
      rejudgement_(core, {[this](Session& session) { return review(session); }, [this] { return router_.subscribing(); }}) {
    core.set_gate(*this);
    core.set_receiver(router_);
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

bool PolicyGate::may_receive(const Session& session, const Topic& topic) noexcept {
    return judge_.allows(session, Verb::receive, topic.text());
}

/// What somebody left who is denied it now is not shown to those who come after.
bool PolicyGate::may_replay(const Session& session, const Envelope& value) noexcept {
    return may_receive(session, value.topic()) && !judge_.forbids_publishing(value);
}

std::unique_ptr<Authentication> PolicyGate::authenticate(Credentials credentials, AuthenticationDone done) {
    credentials.core = core_.id();
    return AuthenticationChain::start(judge_.policy(), std::move(credentials), std::move(done));
}

void PolicyGate::ask(PrincipalRef who, Verb verb, std::string_view object, std::function<void(Verdict)> done) {
    refresh();
    const Verdict verdict = judge_.judge(Question{who, verb, object, {}, "admin", core_.id()});
    if (verdict.allowed()) audit::administered(*judge_.policy(), *who, object);
    done(verdict);
}

Explanation PolicyGate::explain(const Session& session, Verb verb, std::string_view object) {
    refresh();
    return judge_.explain(judge_.question(session, verb, object));
}

std::optional<PolicyGate::Refusal> PolicyGate::check(const Session& from, Draft& draft, Verb verb) {
    assert(from.id() && draft.topic.tenant() == from.principal()->tenant);
    refresh();
    const std::string_view topic = draft.topic.text();
    if (draft.topic.reserved()) draft.retain = false;
    const bool allowed = verb == Verb::publish ? judge_.may_publish(from, draft.topic) : judge_.allows(from, verb, topic);
    if (!allowed) return Refusal{Errc::denied, judge_.reason(from, verb, topic)};
    if (draft.retain && !draft.payload.empty() && router_.retained_store().bytes() >= core_.limits().retained)
        return Refusal{Errc::quota_exceeded, "the gateway keeps no more retained messages"};
    if (draft.extras && !draft.extras->reply_to.empty()) return check_reply_to(from, draft);
    return std::nullopt;
}

/// A reply address is judged when the request comes in, as a subscribe by the requester.
std::optional<PolicyGate::Refusal> PolicyGate::check_reply_to(const Session& from, const Draft& draft) {
    const std::string& text = draft.extras->reply_to;
    const Result<Topic> topic = Topic::parse(draft.topic.tenant(), text);
    if (!topic) return Refusal{Errc::bad_topic, "the reply address is not a valid topic name"};
    if (is_inbox(text)) return std::nullopt;
    if (topic->reserved() && !is_addressed(text)) {
        const Refusal refusal{Errc::denied, "the reply address is the gateway's own"};
        judge_.note_denial(from, Verb::subscribe, text, refusal.reason);
        return refusal;
    }
    const Verdict verdict = judge_.judge(from, Verb::subscribe, text);
    if (!verdict.allowed()) return Refusal{Errc::denied, verdict.reason};
    return std::nullopt;
}

void PolicyGate::refuse(Session& from, Token token, const Refusal& refusal) noexcept {
    if (token.value != 0) from.settled(token, {refusal.code, 0, refusal.reason, {}});
}

void PolicyGate::log_message(const Session& from, const Topic& topic, std::size_t bytes, Errc outcome) noexcept {
    message_log_.write({from.protocol(), from.name(), from.principal()->name, topic.text(), bytes, outcome});
}

void PolicyGate::publish(Session& from, Draft&& draft, Token token) noexcept {
    DurableSession* durable = durables_.of(from);
    if (!durable) draft.exactly_once_id = 0;
    if (draft.exactly_once_id != 0 && durable->unreleased(draft.exactly_once_id)) return durables_.settle_again(*durable, token);
    std::optional<Refusal> refusal = over_quota(from, draft);
    if (!refusal) refusal = check(from, draft, Verb::publish);
    if (message_log_.wants_next()) log_message(from, draft.topic, draft.payload.size(), refusal ? refusal->code : Errc::ok);
    if (refusal) return refuse(from, token, *refusal);
    if (!durable) return router_.publish(from, std::move(draft), token);
    if (draft.exactly_once_id != 0) durables_.note_unreleased(*durable, draft.exactly_once_id);
    router_.publish(from, std::move(draft), token, durable->id());
}

void PolicyGate::request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept {
    std::optional<Refusal> refusal = over_quota(from, draft);
    if (!refusal) refusal = check(from, draft, Verb::request);
    if (draining_) refusal = Refusal{Errc::shutting_down, {}};
    if (message_log_.wants_next()) log_message(from, draft.topic, draft.payload.size(), refusal ? refusal->code : Errc::ok);
    if (refusal) return refuse(from, token, *refusal);
    router_.request(from, std::move(draft), timeout, token);
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

void PolicyGate::subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept {
    refresh();
    std::vector<Errc> codes;
    std::string reason;
    std::size_t refused = 0;
    codes.reserve(requests.size());
    for (const SubscribeRequest& request : requests) {
        std::optional<Refusal> refusal = check_filter(by, request.filter);
        if (!refusal && request.start) refusal = check_history(by, request.filter);
        codes.push_back(refusal ? refusal->code : Errc::ok);
        if (!refusal) continue;
        ++refused;
        append_refusal(reason, requests.size() > 1 ? request.filter.text() : std::string_view(), refusal->reason);
    }
    // Nothing to route.
    if (refused != 0 && refused == requests.size()) {
        if (token.value != 0) by.settled(token, {Errc::ok, 0, reason, codes});
        return;
    }
    presence_.subscribed(by, requests, codes);
    DurableSession* durable = durables_.of(by);
    if (!durable) return router_.subscribe(by, requests, std::move(codes), token, std::move(reason));
    const Token own = durable->begin(token, requests);
    router_.subscribe(*durable, requests, std::move(codes), own, std::move(reason));
}

void PolicyGate::unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept {
    presence_.unsubscribed(by, filters);
    DurableSession* durable = durables_.of(by);
    if (!durable) return router_.unsubscribe(by, filters, token);
    const Token own = durable->begin(token, filters);
    router_.unsubscribe(*durable, filters, own);
}

void PolicyGate::history(Session& by, const HistoryQuestion& question, Token token) noexcept {
    refresh();
    std::optional<Refusal> refusal = check_history(by, question.filter);
    if (!refusal) return router_.read_history(by, question, token);
    HistoryPage nothing;
    nothing.code = refusal->code;
    nothing.reason = std::move(refusal->reason);
    by.history_read(token, nothing);
}

Result<std::size_t> PolicyGate::retained(Session& by, const TopicFilter& filter, std::size_t most,
                                         const std::function<void(const EnvelopePtr&)>& each) noexcept {
    refresh();
    if (!judge_.allows(by, Verb::subscribe, filter.text())) return Errc::denied;
    std::size_t given = 0;
    router_.retained(filter, [&](const EnvelopePtr& envelope) {
        if (given == most) return false;
        if (!may_replay(by, *envelope)) return true;
        ++given;
        each(envelope);
        return true;
    });
    return given;
}

}  // namespace junctor
