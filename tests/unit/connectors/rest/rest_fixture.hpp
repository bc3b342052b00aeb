#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/rest/listener.hpp"
#include "connectors/rest/member.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/mailbox.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/http_routes.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_table.hpp"
#include "core/store/journal.hpp"
#include "core/web/http_connection.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/held_verdicts.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::rest {

/// A gate that does what the test says and writes down what it was asked.
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
        Session* from;
        Token token;
    };

    std::unique_ptr<Authentication> authenticate(Credentials shown, AuthenticationDone done) override {
        credentials.push_back(shown);
        AuthenticationStep step(AuthenticationStep::Outcome::allow);
        step.principal = who;
        if (refuse_login) step = AuthenticationStep(AuthenticationStep::Outcome::deny);
        if (hold_login) {
            held_login = [done = std::move(done), step] { done(step); };
        } else {
            done(step);
        }
        return std::make_unique<Conversation>();
    }

    std::unique_ptr<VerdictWait> when_known(Session&, Verb verb, std::string_view object, std::function<void()> then) override {
        return verdicts.when_known(verb, object, std::move(then));
    }
    Result<Opened> open(Session& session, const SessionTerms& asked) noexcept override {
        if (open_code != Errc::ok) return make_error_code(open_code);
        opened.push_back(&session);
        terms = asked;
        name = session.name();
        return found;
    }

    void ask(PrincipalRef, Verb, std::string_view, std::function<void(Verdict)> done) override { done({Verdict::Outcome::allow, {}, {}}); }
    Result<void> renew(Session&, PrincipalRef) noexcept override { return {}; }
    void change_expiry(Session&, Duration) noexcept override {}
    Result<void> set_will(Session&, std::unique_ptr<Will>) noexcept override { return {}; }
    void ready(Session&) noexcept override { ++ready_calls; }
    void acknowledge(Session&, std::uint64_t sequence, Progress progress) noexcept override { acknowledged.emplace_back(sequence, progress); }
    void release(Session&, std::uint16_t, Token) noexcept override {}

    void close(Session& session, CloseReason reason) noexcept override {
        std::erase(opened, &session);
        closed.push_back(reason);
    }

    void publish(Session& from, Draft&& draft, Token token) noexcept override {
        note(from, draft, token);
        if (!hold_settlement) from.settled(token, receipt);
    }

    void request(Session& from, Draft&& draft, Duration wait, Token token) noexcept override {
        note(from, draft, token);
        timeout = wait;
    }

    void subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept override {
        subscribed.push_back(requests.front().filter.text());
        options = requests.front().options;
        start = requests.front().start;
        subscriber = &by;
        Receipt settled;
        if (start) settled.history = {&outcome, 1};
        settled.each = {&subscribe_code, 1};
        by.settled(token, settled);
    }

    void unsubscribe(Session&, std::span<const TopicFilter>, Token) noexcept override {}

    void history(Session& by, const HistoryQuestion& asked, Token token) noexcept override {
        question = asked;
        by.history_read(token, page);
    }

    Result<std::size_t> retained(Session&, const TopicFilter& filter, std::size_t most,
                                 const std::function<void(const EnvelopePtr&)>& each) noexcept override {
        if (retained_code != Errc::ok) return make_error_code(retained_code);
        std::size_t count = 0;
        for (const EnvelopePtr& envelope : kept)
            if (count < most && filter.matches(envelope->topic())) ++count, each(envelope);
        return count;
    }

    /// Hands a message to whoever subscribed last.
    void deliver(const EnvelopePtr& envelope, bool retain = false) {
        Template encoded;
        subscriber->encode(*envelope, subscriber->variant({}), encoded);
        last_result = subscriber->deliver({envelope, encoded, Qos::at_most_once, retain, {}});
    }

    /// A message of a durable session, if it is accepted.
    bool deliver_numbered(const EnvelopePtr& envelope, std::uint64_t sequence, Repeat repeat = Repeat::no) {
        if (!subscriber->accepts(Qos::at_least_once)) return false;
        Template encoded;
        subscriber->encode(*envelope, subscriber->variant({}), encoded);
        subscriber->deliver({envelope, encoded, Qos::at_least_once, false, {}, sequence, repeat});
        return true;
    }

    SubscribeOptions options;  ///< of the latest subscription
    std::optional<HistoryStart> start;
    HistoryOutcome outcome;    ///< told where there is a start
    HistoryQuestion question;  ///< the latest
    HistoryPage page;          ///< what it is answered
    SessionTerms terms;  ///< of what was opened last
    std::string name;
    Opened found;        ///< what `open` answers
    int ready_calls = 0;
    std::vector<std::pair<std::uint64_t, Progress>> acknowledged;
    PrincipalRef who{new Principal(TenantId{0}, "anonymous")};
    bool refuse_login = false;
    bool hold_login = false;
    bool hold_settlement = false;
    Errc open_code = Errc::ok;
    Errc subscribe_code = Errc::ok;
    Errc retained_code = Errc::ok;
    Receipt receipt{Errc::ok, 3, {}, {}};
    std::vector<EnvelopePtr> kept;

    std::function<void()> held_login;
    std::vector<Credentials> credentials;
    std::vector<Session*> opened;
    std::vector<CloseReason> closed;
    test::HeldVerdicts verdicts;
    std::vector<Published> published;
    std::vector<std::string> subscribed;
    Session* subscriber = nullptr;
    Duration timeout{};
    DeliverResult last_result{};

private:
    struct Conversation final : Authentication {
        void next(Bytes) override {}
    };

    void note(Session& from, Draft& draft, Token token) {
        published.push_back({std::string(draft.topic.text()), std::string(as_text(draft.payload)), draft.qos, draft.retain, draft.kind, draft.ttl,
                             draft.extras ? *draft.extras : Extras{}, &from, token});
    }
};

/// The REST connector on fake streams, without sockets: HTTP text in, HTTP text out.
class RestFixture : public ::testing::Test {
protected:
    struct NoMail final : Mailbox {
        void post(CoreId, Mail&&) noexcept override {}
    };

    struct RouteHost final : Host {
        void serve_streams(const Address&, StreamFactory) override {}
        void serve_http(const Address&, HttpRoute route) override { routes->http.push_back(std::move(route)); }
        void serve_websocket(const Address&, WebSocketRoute) override {}
        Address bound(const Address& address) const override { return address; }
        std::uint16_t core_count() const noexcept override { return 1; }
        void post(CoreId, std::function<void(Core&)>) override {}
        std::unique_ptr<DescriptorWatch> watch(Core&, int, std::function<void()>) override { return nullptr; }

        std::shared_ptr<HttpRoutes> routes = std::make_shared<HttpRoutes>();
    };

    void SetUp() override {
        core.set_gate(gate);
        Settings settings;
        settings.name = "rest";
        settings.address = {"127.0.0.1", 8080};
        settings.path = "/v1";
        listener = std::make_shared<RestListener>(settings);
        listener->open(host);
        connect();
    }

    void connect() {
        stream = std::make_unique<test::FakeStream>(core);
        stream->attach(std::make_unique<web::HttpConnection>(*stream, std::make_shared<LiveRoutes>(host.routes)));
    }

    /// Sends a request and gives what came back at once.
    std::string ask(const std::string& method, const std::string& target, const std::string& body = "", const std::string& fields = "") {
        const std::string length = body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
        stream->receive(method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n" + length + fields + "\r\n" + body);
        return sent();
    }

    std::string sent() {
        const std::string text(as_text(stream->sent));
        stream->sent.clear();
        return text;
    }

    void pass(Duration time) {
        clock.advance(time);
        core.begin_round();
        timers.advance(clock.now());
    }

    EnvelopePtr message(const std::string& topic, const std::string& payload, Extras extras = {}) {
        Draft draft;
        draft.topic = Topic::parse({}, topic).value();
        draft.payload = as_bytes(payload);
        if (!extras.empty()) draft.extras = std::make_unique<Extras>(std::move(extras));
        return Envelope::make(std::move(draft), {{}, {}, nullptr, core.now()});
    }

    test::FakeClock clock;
    test::SeededRandom random{1};
    TimerWheel timers{clock.now()};
    SessionTable sessions{CoreId{0}};
    NoMail mailbox;
    Journal journal{CoreId{0}, nullptr};
    Metrics metrics;
    Limits limits;
    Core core{{CoreId{0}, 1, clock, random, timers, sessions, mailbox, journal, metrics, limits}};
    FakeGate gate;
    RouteHost host;
    std::shared_ptr<RestListener> listener;
    std::unique_ptr<test::FakeStream> stream;
};

inline std::string status_line(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }
inline std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

}  // namespace junctor::rest
