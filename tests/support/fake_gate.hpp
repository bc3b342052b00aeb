#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ports/gate.hpp"
#include "tests/support/held_verdicts.hpp"

namespace junctor::test {

/// A door that writes down what it is asked and answers what the test says; at once, unless `holds_answers`.
class FakeGate final : public Gate {
public:
    struct Published {
        std::string topic;
        std::string payload;
        Qos qos;
        bool retain;
        Kind kind;
        std::optional<Duration> ttl;
        Extras extras;
        Duration timeout;
        Token token;
        std::uint16_t exactly_once_id = 0;
    };
    struct Asked {
        std::string filter;
        SubscribeOptions options;
        Token token;
        std::optional<HistoryStart> start = {};
    };
    struct HistoryAsked {
        HistoryQuestion question;
        Token token;
    };

    std::unique_ptr<Authentication> authenticate(Credentials credentials, AuthenticationDone done) override;
    void ask(PrincipalRef who, Verb verb, std::string_view object, std::function<void(Verdict)> done) override;
    std::unique_ptr<VerdictWait> when_known(Session&, Verb verb, std::string_view object, std::function<void()> then) override {
        return verdicts.when_known(verb, object, std::move(then));
    }
    Result<Opened> open(Session& session, const SessionTerms& terms) noexcept override;
    Result<void> renew(Session& session, PrincipalRef principal) noexcept override;
    void change_expiry(Session& session, Duration expiry) noexcept override;
    void close(Session& session, CloseReason reason) noexcept override;
    Result<void> set_will(Session& session, std::unique_ptr<Will> will) noexcept override;
    void ready(Session& session) noexcept override;
    void acknowledge(Session& by, std::uint64_t sequence, Progress progress) noexcept override;
    void release(Session& by, std::uint16_t exactly_once_id, Token token) noexcept override;
    void publish(Session& from, Draft&& draft, Token token) noexcept override;
    void request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept override;
    void subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept override;
    void unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept override;
    void history(Session& by, const HistoryQuestion& question, Token token) noexcept override;
    Result<std::size_t> retained(Session& by, const TopicFilter& filter, std::size_t most,
                                 const std::function<void(const EnvelopePtr&)>& each) noexcept override;

    /// Lets a held authentication ask the client for more; what it answers stands in `responses`.
    void challenge(std::string_view data = {});
    /// Lets a held authentication end, if nobody has cancelled it. Empty `reason`: allowed as "tester".
    void finish_authentication(std::string reason = {});

    HeldVerdicts verdicts;
    bool holds_authentication = false;
    bool holds_answers = false;  ///< the test settles by itself
    std::string denial;          ///< not empty: nobody is authenticated
    std::string known_as = "tester";  ///< who is
    Errc open_code = Errc::ok;
    Errc renew_code = Errc::ok;
    Errc answer = Errc::ok;      ///< of publishes, and per filter
    Errc will_code = Errc::ok;
    Opened found;                ///< what `open` answers

    std::vector<Credentials> credentials;
    std::vector<std::string> responses;
    std::vector<Published> published;  ///< requests too: their `timeout` is not zero
    std::vector<Asked> subscribed;
    std::vector<Asked> unsubscribed;
    std::vector<HistoryAsked> histories_read;
    HistoryPage page;                         ///< what `history` answers
    std::vector<HistoryOutcome> outcomes;     ///< told with a subscribe that has a start, one per filter
    Session* session = nullptr;  ///< the open one
    std::optional<CloseReason> closed_as;
    SessionTerms terms;          ///< of the open one
    std::unique_ptr<Will> will;
    int ready_calls = 0;
    std::vector<std::pair<std::uint64_t, Progress>> acknowledged;
    std::vector<std::uint16_t> released;

private:
    void settle(Session& session, Token token, bool by_filter, const std::vector<HistoryOutcome>& history = {}) noexcept;

    std::weak_ptr<AuthenticationDone> waiting_;
};

}  // namespace junctor::test
