#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/ports/gate.hpp"

namespace junctor::test {

/// A Gate with the plainest possible broker behind it: one core, no policy but a predicate, everything settled at once
/// unless `hold` says later.
class SmallGate final : public Gate {
public:
    explicit SmallGate(const Clock& clock) : clock_(clock) {}

    std::unique_ptr<Authentication> authenticate(Credentials credentials, AuthenticationDone done) override;
    std::unique_ptr<VerdictWait> when_known(Session& who, Verb verb, std::string_view object, std::function<void()> then) override;
    Result<Opened> open(Session& session, const SessionTerms& terms) noexcept override;
    void ask(PrincipalRef, Verb, std::string_view, std::function<void(Verdict)> done) override { done({Verdict::Outcome::allow, {}, {}}); }
    Result<void> renew(Session&, PrincipalRef) noexcept override { return {}; }
    void change_expiry(Session&, Duration expiry) noexcept override { terms.expiry = expiry; }
    void close(Session& session, CloseReason reason) noexcept override;
    Result<void> set_will(Session&, std::unique_ptr<Will>) noexcept override { return {}; }
    void ready(Session&) noexcept override { ++ready_calls; }
    void acknowledge(Session&, std::uint64_t sequence, Progress progress) noexcept override { acknowledged.emplace_back(sequence, progress); }
    void release(Session&, std::uint16_t, Token) noexcept override {}
    void publish(Session& from, Draft&& draft, Token token) noexcept override;
    void request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept override;
    void subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept override;
    void unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept override;
    void history(Session& by, const HistoryQuestion&, Token token) noexcept override { by.history_read(token, page); }
    Result<std::size_t> retained(Session& by, const TopicFilter& filter, std::size_t most,
                                 const std::function<void(const EnvelopePtr&)>& each) noexcept override;

    /// Publishes for nobody in particular. How many sessions got it.
    std::uint32_t inject(std::string_view topic, std::string_view payload, std::unique_ptr<Extras> extras = nullptr, Qos qos = Qos::at_most_once);
    /// Another retained value.
    void keep(std::string_view topic, std::string_view payload);
    /// Settles what `hold` kept.
    void release();
    std::vector<std::string> filters_of(const Session& session) const;

    struct Published {
        std::string topic;
        std::string payload;
        Kind kind;
        EnvelopePtr envelope;
    };
    struct Subscription {
        Session* session;
        SubscribeRequest request;
    };

    HistoryPage page;    ///< what `history` answers
    HistoryOutcome outcome;  ///< told with a subscribe that has a start
    SessionTerms terms;  ///< of the session opened last
    Errc open_code = Errc::ok;
    bool resumes = false;
    int ready_calls = 0;
    std::vector<std::pair<std::uint64_t, Progress>> acknowledged;
    std::vector<Published> published;
    std::vector<EnvelopePtr> kept;  ///< what `retained` finds
    std::vector<Subscription> subscriptions;
    std::vector<Session*> open_sessions;
    std::vector<CloseReason> closed;
    std::vector<Credentials> credentials;
    std::function<bool(Verb, std::string_view)> denied;  ///< null: nothing is
    bool hold = false;                                   ///< subscriptions are settled by `release`
    bool hold_authentication = false;                    ///< who somebody is is said by `release`
    bool hold_connect = false;                           ///< whether somebody may connect is said by `release`
    std::function<void(Principal&)> describe;            ///< more of a principal, before it is shown
    std::vector<PrincipalRef> known_connects;            ///< those of whom `when_known` was asked

private:
    bool is_denied(Verb verb, std::string_view object) const { return denied && denied(verb, object); }
    EnvelopePtr envelope_of(Session* from, Draft&& draft);
    std::uint32_t fan_out(const EnvelopePtr& envelope);

    struct Request {
        Session* from;
        Token token;
        std::string reply_to;
    };

    const Clock& clock_;
    std::vector<Request> requests_;
    std::vector<std::function<void()>> held_;
};

}  // namespace junctor::test
