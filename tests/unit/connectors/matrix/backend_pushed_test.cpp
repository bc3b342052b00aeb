#include <gtest/gtest.h>

#include "connectors/matrix/backend.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/fake_host.hpp"
#include "tests/support/fake_outbound.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::matrix {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct Heard final : BackendSink {
    Delivered deliver(const EnvelopePtr&) noexcept override { return {}; }
    void arrived(Arrival&& arrival) noexcept override {
        events.push_back((arrival.past ? "past " : arrival.told ? "told " : arrival.replayed ? "replayed " : "") + std::string(arrival.draft.topic.text()) + ' ' + std::string(as_text(arrival.draft.payload)));
        if (arrival.receipt.value != 0) receipts.push_back(arrival.receipt);
    }
    void taken(std::span<const BackendReceipt> receipts_) noexcept override {
        for (const BackendReceipt& each : receipts_) events.push_back(std::to_string(each.ticket.token.value) + " " + std::string(to_string(each.code)));
    }
    void subscribed(const TopicFilter& filter, std::string_view, Errc) noexcept override { events.push_back("subscribed " + filter.text()); }
    void available(bool yes) noexcept override { events.push_back(yes ? "available" : "away"); }
    HistoryRulesPtr history_rules() const noexcept override { return rules; }
    void past_told() noexcept override { events.push_back("past told"); }

    HistoryRulesPtr rules = std::make_shared<const HistoryRules>();
    Texts events;
    std::vector<Token> receipts;
};

/// A gateway that a homeserver pushes to; the door that stands before `pushed` has tests of its own.
class MatrixBackendPushed : public ::testing::Test {
protected:
    MatrixBackendPushed() { backend.open(host); }
    ~MatrixBackendPushed() override { backend.stop(); }

    void start(bool lasting = true) { backend.start(sink, {lone.core, "me", lasting, [](std::function<void()> task) { task(); }}); }
    static BackendSettings settings() {
        BackendSettings settings;
        settings.url = Url::parse("http://127.0.0.1:8008");
        settings.token = "as token";
        settings.room = "#shared:hs";
        settings.rooms = {{"own", "!own:hs"}};
        settings.listen = {{"127.0.0.1", 9'500}, "http://127.0.0.1:9500", "hs token", "junctor-1"};
        return settings;
    }
    /// What is asked now; answers it.
    void expect(const std::string& what, unsigned status = 200, const std::string& body = "{}") {
        const OutboundRequest& last = outbound->last();
        EXPECT_EQ((last.method + ' ' + last.url.path).substr(0, what.size()), what);
        EXPECT_EQ(last.headers.at(0).value, "Bearer as token");
        std::rotate(outbound->open.begin(), outbound->open.end() - 1, outbound->open.end());
        outbound->answer(status, body);
    }
    void expect_ping(unsigned status = 200, const std::string& body = "{}") { expect("POST /_matrix/client/v1/appservice/junctor-1/ping", status, body); }
    void expect_kept(const std::string& ids, unsigned status = 200) {
        EXPECT_EQ(outbound->last_body(), R"({"transactions":)" + ids + "}");
        expect("PUT /_matrix/client/v3/user/%40junctor-1%3Ahs/account_data/junctor.transactions.me", status);
    }
    void come_to_the_rooms(const std::string& transactions = R"({"transactions":["7"]})", bool lasting = true) {
        expect("POST /_matrix/client/v3/register", 400, R"({"errcode":"M_USER_IN_USE"})");
        expect("GET /_matrix/client/v3/account/whoami", 200, R"({"user_id":"@junctor-1:hs"})");
        if (lasting) expect("GET /_matrix/client/v3/user/%40junctor-1%3Ahs/account_data/junctor.transactions.me", 200, transactions);
        expect("POST /_matrix/client/v3/join/%23shared%3Ahs", 200, R"({"room_id":"!s:hs"})");
        expect("POST /_matrix/client/v3/join/%21own%3Ahs", 200, R"({"room_id":"!own:hs"})");
    }
    void come_near(const std::string& transactions = R"({"transactions":["7"]})", bool lasting = true) {
        come_to_the_rooms(transactions, lasting);
        for (const char* room : {"%21s%3Ahs", "%21own%3Ahs"}) expect(std::string("GET /_matrix/client/v3/rooms/") + room + "/state", 200, "[]");
    }
    void come_up(bool lasting = true) {
        start(lasting);
        come_near(R"({"transactions":["7"]})", lasting);
        expect_ping();
        EXPECT_EQ(heard(), Texts{"available"});
    }
    void push(const std::string& id, const std::string& events) {
        HttpRequest request;
        request.path = "/_matrix/app/v1/transactions/" + id;
        request.headers.push_back({"Authorization", "Bearer hs token"});
        append(request.body, R"({"events":[)" + events + "]}");
        pushes.emplace_back(id, std::make_shared<test::FakeExchange>(lone.core, std::move(request)));
        host.http.back().second.handler(pushes.back().second);
    }
    static std::string event(const std::string& room, const std::string& sender, const std::string& type, const std::string& content) {
        return R"({"event_id":"$e","room_id":")" + room + R"(","sender":")" + sender + R"(","type":")" + type + R"(","content":)" + content + "}";
    }
    static std::string shared(const std::string& message) { return event("!s:hs", "@two:hs", "junctor.messages", R"({"messages":[)" + message + "]}"); }
    static std::string text(const std::string& body, const std::string& sender = "@person:hs", const std::string& room = "!own:hs") {
        return event(room, sender, "m.room.message", R"({"msgtype":"m.text","body":")" + body + R"("})");
    }
    static std::string value(const std::string& id, const std::string& topic, const std::string& payload) {
        return R"({"event_id":")" + id + R"(","room_id":"!s:hs","origin_server_ts":5,"sender":"@two:hs","type":"junctor.retained","state_key":"0:)" + topic +
               R"(","content":{"junctor":{"topic":")" + topic + R"(","data":")" + payload + R"("}}})";
    }
    Texts heard() { return std::exchange(sink.events, {}); }
    /// What transactions were answered, since the last call.
    Texts answered() {
        for (auto& [core, task] : std::exchange(host.posted, {})) task(lone.core);
        Texts answers;
        std::erase_if(pushes, [&](const auto& push) {
            if (push.second->status() != 0) answers.push_back(push.first + (push.second->status() == 200 ? " taken" : " again"));
            return push.second->status() != 0;
        });
        return answers;
    }

    test::LoneCore lone;
    Heard sink;
    std::shared_ptr<test::FakeOutbound> outbound = std::make_shared<test::FakeOutbound>();
    test::FakeHost host;
    MatrixBackend backend{settings(), [this](const BackendPlace&) { return outbound; }};
    std::vector<std::pair<std::string, std::shared_ptr<test::FakeExchange>>> pushes;
};

TEST_F(MatrixBackendPushed, IsThereWhenTheHomeserverHasReachedIt) {
    start();
    come_near();
    EXPECT_EQ(heard(), Texts{});
    expect_ping(502, R"({"errcode":"M_CONNECTION_FAILED","error":"refused"})");
    EXPECT_EQ(heard(), Texts{});
    lone.advance(1s);
    expect_ping();
    EXPECT_EQ(heard(), Texts{"available"});
    for (const auto& each : outbound->all) EXPECT_EQ(each->request.url.path.find("/sync"), std::string::npos);
}

TEST_F(MatrixBackendPushed, ItsUserIsMadeWhereItIsNotThereYet) {
    start();
    const nlohmann::json body = nlohmann::json::parse(outbound->last_body());
    EXPECT_EQ(body["username"], "junctor-1");
    EXPECT_EQ(body["type"], "m.login.application_service");
    expect("POST /_matrix/client/v3/register");
    expect("GET /_matrix/client/v3/account/whoami", 401, R"({"errcode":"M_UNKNOWN_TOKEN"})");
    lone.advance(1s);
    expect("GET /_matrix/client/v3/account/whoami", 200, R"({"user_id":"@junctor-1:hs"})");
}

TEST_F(MatrixBackendPushed, WhatHasNoGuaranteeIsAnsweredWhenItIsWrittenDown) {
    come_up();
    push("8", shared(R"({"topic":"a","data":"1"})") + ',' + text("by the own user", "@junctor-1:hs") + ',' + text("elsewhere", "@x:hs", "!other:hs"));
    EXPECT_EQ(heard(), Texts{"a 1"});
    EXPECT_EQ(answered(), Texts{});
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
}

TEST_F(MatrixBackendPushed, WhatHasOneIsAnsweredWhenEverybodyHasIt) {
    come_up();
    push("8", shared(R"({"topic":"a","qos":1,"data":"1"},{"topic":"a","qos":1,"data":"2"})"));
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2"}));
    const std::size_t before = outbound->all.size();
    backend.stored(sink.receipts.at(0));
    EXPECT_EQ(outbound->all.size(), before);
    backend.stored(sink.receipts.at(1));
    EXPECT_EQ(answered(), Texts{});
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
}

TEST_F(MatrixBackendPushed, ATransactionThatComesAgainDeliversNothingAgain) {
    come_up();
    push("7", shared(R"({"topic":"a","data":"of the last run"})"));
    EXPECT_EQ(answered(), Texts{"7 taken"});
    push("8", text("hello"));
    EXPECT_EQ(heard(), Texts{"own hello"});
    push("8", text("hello"));
    EXPECT_EQ(heard(), Texts{});
    EXPECT_EQ(answered(), Texts{"8 again"}) << "who asked first has gone";
    backend.stored(sink.receipts.at(0));
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
    push("8", text("hello"));
    EXPECT_EQ(answered(), Texts{"8 taken"});
    EXPECT_EQ(heard(), Texts{});
}

TEST_F(MatrixBackendPushed, AGatewayWithoutANameWritesNothingDown) {
    come_up(false);
    const std::size_t before = outbound->all.size();
    push("1", shared(R"({"topic":"a","data":"1"})"));
    EXPECT_EQ(answered(), Texts{"1 taken"});
    EXPECT_EQ(outbound->all.size(), before);
}

/// A refusal would tell the homeserver that the gateway is away, at every start.
TEST_F(MatrixBackendPushed, WhatComesBeforeTheGatewayIsReadyWaits) {
    start();
    push("8", text("early"));
    push("9", text("later"));
    EXPECT_EQ(answered(), Texts{});
    EXPECT_EQ(heard(), Texts{});
    come_to_the_rooms();
    EXPECT_EQ(heard(), (Texts{"own early", "own later"}));
    EXPECT_EQ(answered(), Texts{});
    for (const Token each : sink.receipts) backend.stored(each);
    EXPECT_EQ(answered(), Texts{});
}

TEST_F(MatrixBackendPushed, ItDoesNotWaitForEver) {
    start();
    push("8", text("early"));
    lone.advance(10s);
    push("8", text("early"));
    EXPECT_EQ(answered(), Texts{"8 again"}) << "who asked first has gone";
    push("9", text("later"));
    lone.advance(11s);
    EXPECT_EQ(answered(), Texts{"8 again"});
    lone.advance(10s);
    EXPECT_EQ(answered(), Texts{"9 again"});
}

TEST_F(MatrixBackendPushed, NorForAHomeserverThatDoesNotLetTheGatewayIn) {
    start();
    push("8", text("early"));
    outbound->fail();
    EXPECT_EQ(answered(), Texts{"8 again"});
    push("9", text("early"));
    backend.stop();
    EXPECT_EQ(answered(), Texts{"9 again"});
}

TEST_F(MatrixBackendPushed, NoMoreThanAFewWait) {
    start();
    for (std::size_t i = 0; i < WaitingTransactions::most; ++i) push(std::to_string(10 + i), text("x"));
    EXPECT_EQ(answered(), Texts{});
    push("99", text("x"));
    EXPECT_EQ(answered(), Texts{"99 again"});
}

TEST_F(MatrixBackendPushed, WhatCannotBeKeptIsDeliveredAnew) {
    come_up();
    push("8", text("hello"));
    EXPECT_EQ(heard(), Texts{"own hello"});
    lone.advance(31s);
    push("8", text("hello"));
    EXPECT_EQ(heard(), Texts{"own hello"});
    EXPECT_EQ(answered(), Texts{"8 again"});
    backend.stored(sink.receipts.at(0));  // of the first time: too late
    EXPECT_EQ(answered(), Texts{});
    backend.stored(sink.receipts.at(1));
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
}

TEST_F(MatrixBackendPushed, WhatCannotBeWrittenDownIsAnsweredAllTheSame) {
    come_up();
    push("8", shared(R"({"topic":"a","data":"1"})"));
    expect_kept(R"(["7","8"])", 500);
    EXPECT_EQ(answered(), Texts{"8 taken"});
    push("9", "");
    expect_kept(R"(["7","8","9"])");
}

TEST_F(MatrixBackendPushed, MoreThanCanBeUnderWayComesAgain) {
    come_up();
    for (std::size_t i = 0; i < Transactions::most_under_way; ++i) push(std::to_string(10 + i), text("x"));
    EXPECT_EQ(answered(), Texts{});
    push("99", text("x"));
    EXPECT_EQ(answered(), Texts{"99 again"});
}

TEST_F(MatrixBackendPushed, PingsShowThatTheHomeserverHasGone) {
    come_up();
    lone.advance(21s);
    expect_ping();
    lone.advance(21s);
    outbound->fail();
    EXPECT_EQ(heard(), Texts{"away"});
    push("8", shared(R"({"topic":"a","data":"it is there after all"})"));
    EXPECT_EQ(heard(), Texts{"a it is there after all"});
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
    lone.advance(1s);
    expect_ping();
    EXPECT_EQ(heard(), Texts{"available"});
}

TEST_F(MatrixBackendPushed, WhatWasNotWrittenDownWhenItWentIsWhenItIsBack) {
    come_up();
    lone.advance(21s);
    push("8", shared(R"({"topic":"a","data":"1"})"));
    outbound->fail();
    EXPECT_EQ(heard(), (Texts{"a 1", "away"}));
    lone.advance(1s);
    expect_ping();
    EXPECT_EQ(answered(), Texts{});
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
}

/// What stands is asked for by itself there, and what is on its way waited for, so that nobody gets it twice.
TEST_F(MatrixBackendPushed, WhatStandsIsReplayedWhenItHasCome) {
    come_up(false);
    const std::string one = value("$1", "a", "1");
    backend.subscribe(*TopicFilter::parse({}, "a"), {});
    backend.subscribe(*TopicFilter::parse({}, "own"), {});
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/state", 200, '[' + one + ']');
    EXPECT_EQ(heard(), Texts{});
    push("8", one);
    EXPECT_EQ(heard(), (Texts{"a 1", "replayed a 1", "subscribed a"}));
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/state", 200, '[' + one + ']');
    expect("GET /_matrix/client/v3/rooms/%21own%3Ahs/state", 200, "[]");
    EXPECT_EQ(heard(), Texts{"subscribed own"});
}

TEST_F(MatrixBackendPushed, ARoomThatItWasPutOutOfIsNoReasonToStayAway) {
    come_up();
    backend.subscribe(*TopicFilter::parse({}, "own"), {});
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/state", 200, "[]");
    expect("GET /_matrix/client/v3/rooms/%21own%3Ahs/state", 403, R"({"errcode":"M_FORBIDDEN"})");
    EXPECT_EQ(heard(), Texts{"subscribed own"});
}

TEST_F(MatrixBackendPushed, WhatDoesNotComeIsNotWaitedForForever) {
    come_up();
    backend.subscribe(*TopicFilter::parse({}, "a"), {});
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/state", 200, '[' + value("$1", "a", "1") + ']');
    lone.advance(6s);
    EXPECT_EQ(heard(), (Texts{"replayed a 1", "subscribed a"}));
}

/// What was read back may be pushed as well: subscribers get it then, and histories have it.
TEST_F(MatrixBackendPushed, HistoriesAreToldThePastBeforeAnythingIsTaken) {
    sink.rules = std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, "a/#"), {100, 1 << 20, Duration::max()}}});
    backend.recall();
    start();
    come_to_the_rooms();
    push("8", shared(R"({"topic":"a","data":"1"})"));
    EXPECT_EQ(heard(), Texts{});
    const std::string past = R"({"event_id":"$past","origin_server_ts":50,"room_id":"!s:hs","sender":"@two:hs","type":"junctor.messages",)"
                             R"("content":{"messages":[{"topic":"a","data":"0"}]}})";
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=100&filter=", 200, R"({"chunk":[)" + past + "]}");
    EXPECT_EQ(heard(), (Texts{"past a 0", "past told", "a 1"}));
    push("9", past);
    EXPECT_EQ(heard(), Texts{"told a 0"});
}

}  // namespace
}  // namespace junctor::matrix
