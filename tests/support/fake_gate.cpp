#include "tests/support/fake_gate.hpp"

namespace junctor::test {
namespace {

class HeldAuthentication final : public Authentication {
public:
    HeldAuthentication(std::shared_ptr<AuthenticationDone> done, std::vector<std::string>& responses)
        : done_(std::move(done)), responses_(responses) {}
    void next(Bytes data) override { responses_.emplace_back(as_text(data)); }

private:
    std::shared_ptr<AuthenticationDone> done_;
    std::vector<std::string>& responses_;
};

AuthenticationStep verdict(const std::string& reason, const std::string& name) {
    using Outcome = AuthenticationStep::Outcome;
    AuthenticationStep step(reason.empty() ? Outcome::allow : Outcome::deny);
    step.reason = reason;
    if (reason.empty()) step.principal = PrincipalRef(new Principal({}, name));
    return step;
}

FakeGate::Published written(const Draft& draft, Duration timeout, Token token) {
    return {std::string(draft.topic.text()), std::string(as_text(draft.payload)), draft.qos, draft.retain, draft.kind, draft.ttl,
            draft.extras ? *draft.extras : Extras{}, timeout, token, draft.exactly_once_id};
}

}  // namespace

std::unique_ptr<Authentication> FakeGate::authenticate(Credentials shown, AuthenticationDone done) {
    credentials.push_back(std::move(shown));
    if (holds_authentication) {
        auto kept = std::make_shared<AuthenticationDone>(std::move(done));
        waiting_ = kept;
        return std::make_unique<HeldAuthentication>(std::move(kept), responses);
    }
    done(verdict(denial, known_as));
    return nullptr;
}

void FakeGate::challenge(std::string_view data) {
    AuthenticationStep step(AuthenticationStep::Outcome::challenge);
    append(step.challenge, data);
    if (const auto done = waiting_.lock()) (*done)(std::move(step));
}

void FakeGate::finish_authentication(std::string reason) {
    if (const auto done = waiting_.lock()) (*done)(verdict(reason, known_as));
}

Result<Opened> FakeGate::open(Session& opened, const SessionTerms& asked) noexcept {
    if (open_code != Errc::ok) return open_code;
    session = &opened;
    terms = asked;
    return found;
}

void FakeGate::ask(PrincipalRef, Verb, std::string_view, std::function<void(Verdict)> done) {
    done({denial.empty() ? Verdict::Outcome::allow : Verdict::Outcome::deny, denial, "fake"});
}
Result<void> FakeGate::renew(Session& renewed, PrincipalRef principal) noexcept {
    if (renew_code != Errc::ok) return renew_code;
    renewed.set_principal(std::move(principal));
    return {};
}
void FakeGate::change_expiry(Session&, Duration expiry) noexcept { terms.expiry = expiry; }

Result<void> FakeGate::set_will(Session&, std::unique_ptr<Will> left) noexcept {
    if (will_code != Errc::ok) return will_code;
    will = std::move(left);
    return {};
}

void FakeGate::ready(Session&) noexcept { ++ready_calls; }

void FakeGate::acknowledge(Session&, std::uint64_t sequence, Progress progress) noexcept { acknowledged.emplace_back(sequence, progress); }

void FakeGate::release(Session& by, std::uint16_t exactly_once_id, Token token) noexcept {
    released.push_back(exactly_once_id);
    settle(by, token, false);
}

void FakeGate::close(Session&, CloseReason reason) noexcept {
    session = nullptr;
    closed_as = reason;
}

void FakeGate::settle(Session& asker, Token token, bool by_filter, const std::vector<HistoryOutcome>& history) noexcept {
    if (holds_answers || token.value == 0) return;
    Receipt receipt;
    receipt.history = history;
    if (by_filter) {
        receipt.each = {&answer, 1};
    } else {
        receipt.code = answer;
    }
    asker.settled(token, receipt);
}

void FakeGate::publish(Session& from, Draft&& draft, Token token) noexcept {
    published.push_back(written(draft, Duration::zero(), token));
    settle(from, token, false);
}

void FakeGate::request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept {
    published.push_back(written(draft, timeout, token));
    if (answer != Errc::ok) settle(from, token, false);
}

void FakeGate::subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept {
    bool starts = false;
    for (const SubscribeRequest& request : requests) {
        subscribed.push_back({request.filter.text(), request.options, token, request.start});
        starts |= request.start.has_value();
    }
    settle(by, token, true, starts ? outcomes : std::vector<HistoryOutcome>());
}

void FakeGate::unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept {
    for (const TopicFilter& filter : filters) unsubscribed.push_back({filter.text(), {}, token});
    settle(by, token, true);
}

void FakeGate::history(Session& by, const HistoryQuestion& question, Token token) noexcept {
    histories_read.push_back({question, token});
    if (!holds_answers) by.history_read(token, page);
}

Result<std::size_t> FakeGate::retained(Session&, const TopicFilter&, std::size_t, const std::function<void(const EnvelopePtr&)>&) noexcept {
    return std::size_t{0};
}

}  // namespace junctor::test
