#include "connectors/vertx/sockjs_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_exchange.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::vertx {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class SockJsDeskTest : public ::testing::Test {
protected:
    using Exchange = std::shared_ptr<test::FakeExchange>;

    Exchange ask(const std::string& method, const std::string& below, std::string_view body = {}, const std::string& token = "token") {
        HttpRequest request;
        request.method = method;
        request.path = "/eventbus/" + below;
        request.headers.push_back({"Authorization", "Bearer " + token});
        append(request.body, body);
        auto exchange = std::make_shared<test::FakeExchange>(lone.core, std::move(request));
        desk.serve(exchange);
        pass(6ms);
        return exchange;
    }
    void pass(Duration time) {
        lone.advance(time - 6ms);
        for (int i = 0; i < 3; ++i) lone.advance(2ms);
    }
    /// A session that is open, by what its first answer was.
    Exchange open(const std::string& transport = "xhr") {
        const Exchange first = ask(transport == "eventsource" ? "GET" : "POST", "000/abc/" + transport);
        EXPECT_NE(lone.gate.session, nullptr);
        return first;
    }
    static std::string text_of(const Exchange& exchange) { return std::string(as_text(exchange->begun ? exchange->written : exchange->head.body)); }

    test::LoneCore lone;
    Ref<Settings> settings{new Settings};
    SockJsDesk desk{lone.core, settings, std::string_view("/eventbus/").size()};
};

TEST_F(SockJsDeskTest, TheFirstPollBeginsASession) {
    const Exchange first = open();
    EXPECT_EQ(text_of(first), "o\n");
    EXPECT_TRUE(first->complete);
    EXPECT_EQ(first->head.status, 200U);
}

TEST_F(SockJsDeskTest, AMessageIsTakenAndItsAnswersCollectedByTheNextPoll) {
    open();
    const Exchange sent = ask("POST", "000/abc/xhr_send", R"(["nonsense","{\"type\":\"send\"}"])");
    EXPECT_EQ(sent->head.status, 204U);
    const Exchange poll = ask("POST", "000/abc/xhr");
    EXPECT_EQ(text_of(poll), "a[\"{\\\"type\\\":\\\"err\\\",\\\"body\\\":\\\"invalid_json\\\"}\",\"{\\\"type\\\":\\\"err\\\",\\\"body\\\":\\\"missing_address\\\"}\"]\n");
}

TEST_F(SockJsDeskTest, APollWaitsForAFrame) {
    open();
    const Exchange poll = ask("POST", "000/abc/xhr");
    EXPECT_FALSE(poll->complete);
    ask("POST", "000/abc/xhr_send", R"("nonsense")");
    EXPECT_THAT(text_of(poll), HasSubstr("invalid_json"));
}

TEST_F(SockJsDeskTest, AStreamGoesOnAndEndsAfterSoMuch) {
    const Exchange stream = open("xhr_streaming");
    EXPECT_TRUE(text_of(stream) == std::string(2048, 'h') + "\no\n");
    EXPECT_FALSE(stream->complete);
    for (int i = 0; i < 4'000 && !stream->complete; ++i) ask("POST", "000/abc/xhr_send", R"("nonsense")");
    EXPECT_TRUE(stream->complete);
    EXPECT_GE(stream->written.size(), SockJsSession::answer_bytes);
    EXPECT_FALSE(ask("POST", "000/abc/xhr_streaming")->complete) << "the session goes on";
}

TEST_F(SockJsDeskTest, EventsAreEvents) {
    const Exchange events = open("eventsource");
    EXPECT_EQ(text_of(events), "\r\ndata: o\r\n\r\n");
    EXPECT_EQ(events->head.headers[0].value, "text/event-stream");
}

TEST_F(SockJsDeskTest, OnlyOneMayWait) {
    open();
    const Exchange first = ask("POST", "000/abc/xhr");
    const Exchange second = ask("POST", "000/abc/xhr");
    EXPECT_EQ(text_of(second), "c[2010,\"Another connection still open\"]\n");
    EXPECT_FALSE(first->complete);
}

TEST_F(SockJsDeskTest, WhoBreaksOffEndsTheSession) {
    open();
    ask("POST", "000/abc/xhr")->close();
    pass(6ms);
    EXPECT_TRUE(lone.gate.closed_as);
    EXPECT_EQ(text_of(ask("POST", "000/abc/xhr")), "c[1002,\"Connection interrupted\"]\n");
    EXPECT_EQ(ask("POST", "000/abc/xhr_send", R"("x")")->head.status, 404U);
}

TEST_F(SockJsDeskTest, ASessionWithoutAClientIsOver) {
    open();
    pass(SockJsSession::absence + 6ms);
    EXPECT_TRUE(lone.gate.closed_as);
    EXPECT_EQ(ask("POST", "000/abc/xhr_send", R"("x")")->head.status, 404U);
    EXPECT_EQ(text_of(ask("POST", "000/abc/xhr")), "o\n") << "a new one";
}

TEST_F(SockJsDeskTest, AWaitingClientIsNotAbsent) {
    open("xhr_streaming");
    for (int i = 0; i < 3; ++i) {
        pass(3s);
        ask("POST", "000/abc/xhr_send", R"("{\"type\":\"ping\"}")");
    }
    EXPECT_FALSE(lone.gate.closed_as);
}

TEST_F(SockJsDeskTest, ASilentClientIsGoneAndHearsIt) {
    const Exchange stream = open("xhr_streaming");
    for (int i = 0; i < 3; ++i) pass(settings->ping_timeout / 2);
    pass(6ms);
    EXPECT_TRUE(lone.gate.closed_as);
    EXPECT_THAT(text_of(stream), HasSubstr("\nh\n"));
    EXPECT_TRUE(text_of(stream).ends_with("c[3000,\"Go away!\"]\n"));
    EXPECT_TRUE(stream->complete);
    EXPECT_EQ(text_of(ask("POST", "000/abc/xhr")), "c[3000,\"Go away!\"]\n");
}

/// Threat class 9: who knows the name of a session does not have it.
TEST_F(SockJsDeskTest, ASessionGoesOnOnlyWithTheCredentialsThatBeganIt) {
    open();
    for (const char* what : {"xhr", "xhr_send", "xhr_streaming"}) {
        const Exchange stolen = ask("POST", std::string("000/abc/") + what, R"("nonsense")", "other");
        EXPECT_EQ(stolen->head.status, 403U) << what;
    }
    EXPECT_FALSE(ask("POST", "000/abc/xhr")->complete) << "nothing has been done";
}

TEST_F(SockJsDeskTest, BadMessagesAreToldApart) {
    open();
    EXPECT_EQ(text_of(ask("POST", "000/abc/xhr_send", "")), "Payload expected.");
    EXPECT_EQ(text_of(ask("POST", "000/abc/xhr_send", "[\"x")), "Broken JSON encoding.");
    EXPECT_EQ(text_of(ask("POST", "000/abc/xhr_send", "[1]")), "Broken JSON encoding.");
    EXPECT_EQ(ask("POST", "000/none/xhr_send", R"("x")")->head.status, 404U);
}

TEST_F(SockJsDeskTest, WhatIsNoTransportIsNotFound) {
    for (const char* path : {"", "x", "000/abc", "000//xhr", "0.0/abc/xhr", "000/a.c/xhr", "000/abc/jsonp", "000/abc/xhr/x"})
        EXPECT_EQ(ask("POST", path)->head.status, 404U) << path;
    EXPECT_EQ(ask("GET", "000/abc/xhr")->head.status, 404U);
    EXPECT_EQ(ask("GET", "000/abc/websocket")->head.status, 426U);
    EXPECT_EQ(ask("GET", "websocket")->head.status, 426U);
}

TEST_F(SockJsDeskTest, AFullGatewaySaysSo) {
    lone.limits.connections = 1;
    open();
    const Exchange second = ask("POST", "000/other/xhr");
    EXPECT_EQ(second->head.status, 503U);
}

TEST_F(SockJsDeskTest, StrangersAreLimited) {
    lone.limits.unauthenticated_connections = 1;
    lone.gate.holds_authentication = true;
    const Exchange first = ask("POST", "000/abc/xhr");
    EXPECT_EQ(ask("POST", "000/other/xhr")->head.status, 503U);
}

TEST_F(SockJsDeskTest, GoodbyeIsSaidWhenTheGatewayDrains) {
    const Exchange stream = open("xhr_streaming");
    desk.drain();
    EXPECT_TRUE(text_of(stream).ends_with("c[3000,\"Go away!\"]\n"));
    EXPECT_TRUE(stream->complete);
    EXPECT_TRUE(lone.gate.closed_as);
    EXPECT_EQ(ask("POST", "000/new/xhr")->head.status, 503U);
}

TEST_F(SockJsDeskTest, FramesWaitForAClientThatReadsSlowly) {
    const Exchange stream = open("xhr_streaming");
    stream->stalled = true;
    const std::size_t before = stream->written.size();
    ask("POST", "000/abc/xhr_send", R"("nonsense")");
    EXPECT_EQ(stream->written.size(), before);
    stream->unstall();
    pass(6ms);
    EXPECT_THAT(text_of(stream), HasSubstr("invalid_json"));
}

}  // namespace
}  // namespace junctor::vertx
