#include "tests/unit/connectors/zeromq/small_gate.hpp"

#include <algorithm>
#include <utility>

#include "core/ports/template.hpp"

namespace junctor::test {

std::unique_ptr<Authentication> SmallGate::authenticate(Credentials shown, AuthenticationDone done) {
    AuthenticationStep step(is_denied(Verb::connect, shown.peer) ? AuthenticationStep::Outcome::deny : AuthenticationStep::Outcome::allow);
    const Ref<Principal> principal(new Principal({}, shown.user.empty() ? "anonymous" : shown.user));
    if (describe) describe(*principal);
    step.principal = principal;
    step.reason = "not today";
    credentials.push_back(std::move(shown));
    if (hold_authentication) held_.emplace_back([step, done] { done(step); });
    else done(std::move(step));
    return nullptr;
}

std::unique_ptr<VerdictWait> SmallGate::when_known(Session& who, Verb verb, std::string_view, std::function<void()> then) {
    if (verb != Verb::connect) return then(), nullptr;
    known_connects.push_back(who.principal());
    if (!hold_connect) return then(), nullptr;
    // Whoever stops waiting is not called.
    struct Wait final : VerdictWait {
        std::shared_ptr<bool> waits = std::make_shared<bool>(true);
        ~Wait() override { *waits = false; }
    };
    auto wait = std::make_unique<Wait>();
    held_.emplace_back([waits = wait->waits, told = std::move(then)] {
        if (*waits) told();
    });
    return wait;
}

Result<Opened> SmallGate::open(Session& session, const SessionTerms& asked) noexcept {
    if (open_code != Errc::ok) return open_code;
    open_sessions.push_back(&session);
    terms = asked;
    Opened opened;
    opened.resumed = resumes;
    return opened;
}

void SmallGate::close(Session& session, CloseReason reason) noexcept {
    std::erase(open_sessions, &session);
    std::erase_if(subscriptions, [&](const Subscription& each) { return each.session == &session; });
    std::erase_if(requests_, [&](const Request& each) { return each.from == &session; });
    closed.push_back(reason);
}

EnvelopePtr SmallGate::envelope_of(Session* from, Draft&& draft) {
    return Envelope::make(std::move(draft), {{}, {}, from ? from->principal() : nullptr, clock_.now()});
}

std::uint32_t SmallGate::fan_out(const EnvelopePtr& envelope) {
    published.push_back({std::string(envelope->topic_text()), std::string(as_text(envelope->payload())), envelope->kind(), envelope});
    std::uint32_t count = 0;
    for (Session* session : std::vector<Session*>(open_sessions)) {
        for (const Subscription& each : std::vector<Subscription>(subscriptions)) {
            if (each.session != session || !each.request.filter.matches(envelope->topic())) continue;
            Template encoded;
            session->encode(*envelope, session->variant(each.request.options), encoded);
            session->deliver({envelope, encoded, std::min(envelope->qos(), each.request.options.max_qos), false, {}});
            ++count;
            break;
        }
    }
    return count;
}

std::uint32_t SmallGate::inject(std::string_view topic, std::string_view payload, std::unique_ptr<Extras> extras, Qos qos) {
    Draft draft;
    draft.topic = Topic::parse({}, topic).value();
    draft.payload = as_bytes(payload);
    draft.extras = std::move(extras);
    draft.qos = qos;
    return fan_out(envelope_of(nullptr, std::move(draft)));
}

void SmallGate::publish(Session& from, Draft&& draft, Token token) noexcept {
    Receipt receipt;
    const std::string topic(draft.topic.text());
    const EnvelopePtr envelope = envelope_of(&from, std::move(draft));
    const auto request = std::find_if(requests_.begin(), requests_.end(), [&](const Request& each) { return each.reply_to == topic; });
    if (is_denied(Verb::publish, topic)) {
        receipt.code = Errc::denied;
    } else if (request != requests_.end()) {
        const Request answered = *request;
        requests_.erase(request);
        answered.from->answered(answered.token, envelope);
    } else {
        receipt.matches = fan_out(envelope);
    }
    if (token.value != 0) from.settled(token, receipt);
}

void SmallGate::request(Session& from, Draft&& draft, Duration, Token token) noexcept {
    if (!draft.extras) draft.extras = std::make_unique<Extras>();
    draft.extras->reply_to = "$inbox/0/" + std::to_string(requests_.size() + 1);
    requests_.push_back({&from, token, draft.extras->reply_to});
    if (fan_out(envelope_of(&from, std::move(draft))) > 0) return;
    requests_.pop_back();
    from.settled(token, {Errc::no_receivers, 0, {}, {}});
}

void SmallGate::subscribe(Session& by, std::span<const SubscribeRequest> asked, Token token) noexcept {
    const SubscribeRequest request = asked.front();
    auto settle = [this, &by, request, token] {
        const Errc code = is_denied(Verb::subscribe, request.filter.text()) ? Errc::denied : Errc::ok;
        if (code == Errc::ok) subscriptions.push_back({&by, request});
        Receipt receipt{Errc::ok, 0, {}, {&code, 1}};
        if (request.start) receipt.history = {&outcome, 1};
        by.settled(token, receipt);
    };
    if (hold) held_.emplace_back(std::move(settle));
    else settle();
}

void SmallGate::unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept {
    const auto gone = std::erase_if(subscriptions, [&](const Subscription& each) { return each.session == &by && each.request.filter == filters.front(); });
    const Errc code = gone > 0 ? Errc::ok : Errc::bad_filter;
    if (token.value != 0) by.settled(token, {Errc::ok, 0, {}, {&code, 1}});
}

Result<std::size_t> SmallGate::retained(Session&, const TopicFilter& filter, std::size_t, const std::function<void(const EnvelopePtr&)>& each) noexcept {
    std::size_t count = 0;
    for (const EnvelopePtr& envelope : kept) {
        if (!filter.matches(envelope->topic())) continue;
        each(envelope);
        ++count;
    }
    return count;
}

void SmallGate::keep(std::string_view topic, std::string_view payload) {
    Draft draft;
    draft.topic = Topic::parse({}, topic).value();
    draft.payload = as_bytes(payload);
    draft.retain = true;
    kept.push_back(envelope_of(nullptr, std::move(draft)));
}

void SmallGate::release() {
    for (auto& settle : std::exchange(held_, {})) settle();
}

std::vector<std::string> SmallGate::filters_of(const Session& session) const {
    std::vector<std::string> all;
    for (const Subscription& each : subscriptions)
        if (each.session == &session) all.push_back(each.request.filter.text());
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace junctor::test
