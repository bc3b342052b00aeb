#include "tests/unit/connectors/rest/rest_fixture.hpp"

namespace junctor::rest {
namespace {

using namespace std::chrono_literals;

using RestDesk = RestFixture;

TEST_F(RestDesk, TakesBodyTopicAndOptions) {
    const std::string answer = ask("POST", "/v1/topics/a%2Fb/c?qos=1&retain=1&ttl=60s", "hello",
                                   "Content-Type: text/plain\r\nJunctor-Header: Key=a%0Ab\r\nJunctor-Reply-To: r/1\r\n");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 202 Accepted");
    EXPECT_EQ(body_of(answer), "{\"matches\":3}\n");
    ASSERT_EQ(gate.published.size(), 1U);
    const auto& published = gate.published[0];
    EXPECT_EQ(published.topic, "a/b/c");
    EXPECT_EQ(published.payload, "hello");
    EXPECT_EQ(published.qos, Qos::at_least_once);
    EXPECT_TRUE(published.retain);
    EXPECT_EQ(published.ttl, Duration(60s));
    EXPECT_EQ(published.kind, Kind::publish);
    EXPECT_EQ(published.extras.content_type, "text/plain");
    EXPECT_EQ(published.extras.reply_to, "r/1");
    EXPECT_EQ(published.extras.headers, (std::vector<Header>{{"Key", "a\nb"}}));
}

TEST_F(RestDesk, AStructuredCloudEventIsTakenApart) {
    const std::string event = R"({"specversion":"1.0","id":"7","source":"/s","type":"t","datacontenttype":"text/plain","data":"h\u0069"})";
    const std::string answer = ask("POST", "/v1/topics/a?qos=1", event, "Content-Type: application/cloudevents+json; charset=utf-8\r\nJunctor-Reply-To: r\r\n");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 202 Accepted");
    ASSERT_EQ(gate.published.size(), 1U);
    EXPECT_EQ(gate.published[0].payload, "hi");
    EXPECT_EQ(gate.published[0].qos, Qos::at_least_once);
    EXPECT_EQ(gate.published[0].extras.content_type, "text/plain");
    EXPECT_EQ(gate.published[0].extras.reply_to, "r");
    EXPECT_EQ(gate.published[0].extras.headers,
              (std::vector<Header>{{"ce-specversion", "1.0"}, {"ce-id", "7"}, {"ce-source", "/s"}, {"ce-type", "t"}}));
}

TEST_F(RestDesk, WhatOnlyClaimsToBeACloudEventIsRefused) {
    const std::string answer = ask("POST", "/v1/topics/a", "{}", "Content-Type: application/cloudevents+json\r\n");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 400 Bad Request");
    EXPECT_NE(body_of(answer).find("'specversion'"), std::string::npos) << answer;
    EXPECT_TRUE(gate.published.empty());
}

TEST_F(RestDesk, ACloudEventComesBackWhereItIsAskedFor) {
    gate.kept.push_back(message("a", "hello"));
    const std::string answer = ask("GET", "/v1/topics/a", "", "Accept: application/cloudevents+json\r\n");
    EXPECT_NE(answer.find("Content-Type: application/cloudevents+json"), std::string::npos) << answer;
    EXPECT_NE(body_of(answer).find(R"("subject":"a")"), std::string::npos) << answer;
    EXPECT_NE(body_of(answer).find(R"("data":"hello"})"), std::string::npos) << answer;
    EXPECT_EQ(body_of(ask("GET", "/v1/topics/a")), "hello");
}

constexpr const char* two_events = R"([{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1},
    {"specversion":"1.0","id":"2","source":"/s","type":"t","data":"two","datacontenttype":"text/plain"}])";
constexpr const char* as_batch = "Content-Type: application/cloudevents-batch+json\r\n";

TEST_F(RestDesk, ABatchOfCloudEventsIsAMessageEach) {
    const std::string answer = ask("POST", "/v1/topics/a?qos=1", two_events, std::string(as_batch) + "traceparent: 00-1\r\n");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 202 Accepted");
    EXPECT_EQ(body_of(answer), "{\"events\":2,\"matches\":6}\n");
    ASSERT_EQ(gate.published.size(), 2U);
    EXPECT_EQ(gate.published[0].payload, "1");
    EXPECT_EQ(gate.published[0].extras.trace, "00-1");
    EXPECT_EQ(gate.published[1].payload, "two");
    EXPECT_EQ(gate.published[1].qos, Qos::at_least_once);
    EXPECT_EQ(body_of(ask("POST", "/v1/topics/a", "[]", as_batch)), "{\"events\":0,\"matches\":0}\n");
}

TEST_F(RestDesk, ABatchIsAnsweredWhenAllOfItIsSettled) {
    gate.hold_settlement = true;
    EXPECT_EQ(ask("POST", "/v1/topics/a", two_events, as_batch), "");
    ASSERT_EQ(gate.published.size(), 2U);
    Session& speaker = *gate.published[0].from;
    speaker.settled(gate.published[0].token, {Errc::overloaded, 0, {}, {}});
    EXPECT_EQ(sent(), "");
    speaker.settled(gate.published[1].token, {Errc::ok, 1, {}, {}});
    const std::string answer = sent();
    EXPECT_EQ(status_line(answer), "HTTP/1.1 503 Service Unavailable");
    EXPECT_NE(answer.find("1 events of the batch were taken; one was not: "), std::string::npos) << answer;
}

TEST_F(RestDesk, ABatchWithOneBrokenEventPublishesNothing) {
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", R"([{"specversion":"1.0","id":"1","source":"/s","type":"t"},{}])", as_batch)),
              "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(status_line(ask("POST", "/v1/requests/a", two_events, as_batch)), "HTTP/1.1 400 Bad Request");
    EXPECT_TRUE(gate.published.empty());
}

TEST_F(RestDesk, AnEndAnswersABatchOnce) {
    gate.hold_settlement = true;
    ask("POST", "/v1/topics/a", two_events, as_batch);
    gate.opened.at(0)->close(CloseReason::not_authorized, "rights were revoked");
    EXPECT_EQ(status_line(sent()), "HTTP/1.1 403 Forbidden");
}

TEST_F(RestDesk, ManyMessagesComeBackAsABatchWhereItIsAskedFor) {
    gate.kept = {message("a/1", "one"), message("a/2", "two")};
    for (const char* fields : {"Accept: application/cloudevents-batch+json\r\n", ""}) {
        const std::string target = std::string("/v1/topics/a/%23") + (*fields ? "" : "?format=cloudevents");
        const std::string answer = ask("GET", target, "", fields);
        EXPECT_NE(answer.find("Content-Type: application/cloudevents-batch+json"), std::string::npos) << answer;
        EXPECT_EQ(body_of(answer).find(R"([{"specversion":"1.0")"), 0U) << answer;
        EXPECT_NE(body_of(answer).find(R"("data":"two"}])"), std::string::npos) << answer;
    }
    EXPECT_EQ(status_line(ask("GET", "/v1/topics/a?format=xml")), "HTTP/1.1 400 Bad Request");
}

TEST_F(RestDesk, RequestsWaitForTheVerdictOnWhoTheyAre) {
    gate.verdicts.holding = true;
    EXPECT_EQ(ask("POST", "/v1/topics/a", "one"), "");
    connect();
    EXPECT_EQ(ask("POST", "/v1/topics/b?retain=1", "two"), "");
    EXPECT_EQ(gate.verdicts.asked, std::vector<std::string>{"connect "}) << "of one principal, once";
    EXPECT_TRUE(gate.opened.empty());
    gate.verdicts.release();
    EXPECT_EQ(gate.opened.size(), 1U);
    ASSERT_EQ(gate.published.size(), 2U);
    EXPECT_EQ(gate.published[0].payload, "one");
    EXPECT_EQ(gate.published[1].topic, "b");
    EXPECT_TRUE(gate.published[1].retain);
    EXPECT_EQ(status_line(sent()), "HTTP/1.1 202 Accepted");
}

TEST_F(RestDesk, ADenialThatComesLateIsToldToAllWhoWait) {
    gate.verdicts.holding = true;
    gate.open_code = Errc::denied;
    ask("POST", "/v1/topics/a", "one");
    gate.verdicts.release();
    EXPECT_EQ(status_line(sent()), "HTTP/1.1 403 Forbidden");
    gate.verdicts.holding = false;
    gate.open_code = Errc::ok;
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", "two")), "HTTP/1.1 202 Accepted") << "the next one is judged afresh";
}

TEST_F(RestDesk, AReadWaitsForItsVerdict) {
    gate.kept.push_back(message("a", "hello"));
    ask("POST", "/v1/topics/b", "x");
    gate.verdicts.holding = true;
    EXPECT_EQ(ask("GET", "/v1/topics/a"), "");
    EXPECT_EQ(gate.verdicts.asked, std::vector<std::string>{"subscribe a"});
    gate.verdicts.release();
    EXPECT_EQ(body_of(sent()), "hello");
}

TEST_F(RestDesk, PlainCurlNeedsNothing) {
    ask("POST", "/v1/topics/a/b", "hello", "Content-Type: application/x-www-form-urlencoded\r\n");
    ASSERT_EQ(gate.published.size(), 1U);
    EXPECT_TRUE(gate.published[0].extras.empty()) << "the gateway adds nothing";
}

TEST_F(RestDesk, ManyRequestsShareOneSession) {
    for (int count = 0; count < 3; ++count) {
        ask("POST", "/v1/topics/a", "x");
        connect();
    }
    EXPECT_EQ(gate.opened.size(), 1U);
    pass(61s);
    pass(61s);
    EXPECT_TRUE(gate.opened.empty());
    EXPECT_EQ(gate.closed, std::vector{CloseReason::normal});
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", "x")), "HTTP/1.1 202 Accepted");
}

TEST_F(RestDesk, PrincipalsDoNotShareASession) {
    ask("POST", "/v1/topics/a", "x");
    auto* claims = new Principal(TenantId{0}, "anonymous");
    claims->attributes["group"] = "admins";
    gate.who = PrincipalRef(claims);
    ask("POST", "/v1/topics/a", "x");
    EXPECT_EQ(gate.opened.size(), 2U);
    EXPECT_NE(gate.published[0].from, gate.published[1].from);
}

TEST_F(RestDesk, OutcomesAreProblems) {
    const std::vector<std::pair<Errc, std::string>> table = {
        {Errc::denied, "403 Forbidden"}, {Errc::no_receivers, "404 Not Found"}, {Errc::too_large, "413 "}, {Errc::overloaded, "503 "}};
    for (const auto& [code, status] : table) {
        gate.receipt.code = code;
        const std::string answer = ask("POST", "/v1/topics/a", "x");
        EXPECT_NE(status_line(answer).find(status), std::string::npos) << answer;
        EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
        EXPECT_NE(answer.find(to_string(code)), std::string::npos);
    }
}

TEST_F(RestDesk, BadTopicsAndOptionsAreRefusedBeforeTheGate) {
    for (const char* target : {"/v1/topics/a/+", "/v1/topics/a%23", "/v1/topics/", "/v1/topics/%zz", "/v1/topics/%00", "/v1/topics/%ff",
                               "/v1/topics/a?qos=9", "/v1/topics/a?retian=1"})
        EXPECT_EQ(status_line(ask("POST", target, "x")), "HTTP/1.1 400 Bad Request") << target;
    EXPECT_TRUE(gate.published.empty());
}

TEST_F(RestDesk, SendAndReplyHaveTheirKind) {
    ask("POST", "/v1/topics/jobs?send=1", "x");
    ask("POST", "/v1/topics/$to/printer", "x");
    ask("POST", "/v1/topics/$inbox/0/1?correlation=c", "x");
    ASSERT_EQ(gate.published.size(), 3U);
    EXPECT_EQ(gate.published[0].kind, Kind::send);
    EXPECT_EQ(gate.published[1].kind, Kind::send);
    EXPECT_EQ(gate.published[2].kind, Kind::reply);
}

TEST_F(RestDesk, WithoutCredentialsItSaysHowToCome) {
    gate.refuse_login = true;
    const std::string answer = ask("POST", "/v1/topics/a", "x");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 401 Unauthorized");
    EXPECT_NE(answer.find("WWW-Authenticate: Basic"), std::string::npos);
    EXPECT_NE(answer.find("WWW-Authenticate: Bearer"), std::string::npos);
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", "x", "Authorization: Digest x\r\n")), "HTTP/1.1 401 Unauthorized");
    EXPECT_TRUE(gate.published.empty());
}

TEST_F(RestDesk, LoginMayTakeItsTime) {
    gate.hold_login = true;
    EXPECT_EQ(ask("POST", "/v1/topics/a", "x", "Authorization: Basic dTpw\r\n"), "");
    EXPECT_EQ(gate.credentials[0].user, "u");
    gate.held_login();
    EXPECT_EQ(status_line(sent()), "HTTP/1.1 202 Accepted");
}

TEST_F(RestDesk, LargeBodyIsReadOnlyForWhoeverIsKnown) {
    gate.refuse_login = true;
    const std::string fields = "Content-Length: 100000\r\n";
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", "", fields)), "HTTP/1.1 401 Unauthorized");
    connect();
    gate.refuse_login = false;
    EXPECT_EQ(ask("POST", "/v1/topics/a", "", fields), "");
    stream->receive(std::string(100'000, 'x'));
    EXPECT_EQ(status_line(sent()), "HTTP/1.1 202 Accepted");
    EXPECT_EQ(gate.published.at(0).payload.size(), 100'000U);
}

// THREATS class 21: a web page must not publish through its reader's gateway.
TEST_F(RestDesk, ForeignPagesAreRefused) {
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", "x", "Origin: https://evil.example\r\n")), "HTTP/1.1 403 Forbidden");
    connect();
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", "x", "Origin: http://127.0.0.1:8080\r\n")), "HTTP/1.1 202 Accepted");
    EXPECT_EQ(gate.published.size(), 1U);
}

TEST_F(RestDesk, SessionThatMayNotOpenIsForbidden) {
    gate.open_code = Errc::denied;
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", "x")), "HTTP/1.1 403 Forbidden");
    gate.open_code = Errc::ok;
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", "x")), "HTTP/1.1 202 Accepted");
}

TEST_F(RestDesk, RevocationAnswersWhoeverWaits) {
    gate.hold_settlement = true;
    EXPECT_EQ(ask("POST", "/v1/topics/a", "x"), "");
    gate.opened.at(0)->close(CloseReason::not_authorized, "rights were revoked");
    const std::string answer = sent();
    EXPECT_EQ(status_line(answer), "HTTP/1.1 403 Forbidden");
    EXPECT_NE(answer.find("rights were revoked"), std::string::npos);
    pass(1s);
    gate.hold_settlement = false;
    EXPECT_EQ(status_line(ask("POST", "/v1/topics/a", "x")), "HTTP/1.1 202 Accepted") << "with a new session";
}

TEST_F(RestDesk, RequestAnswersWithTheReply) {
    EXPECT_EQ(ask("POST", "/v1/requests/svc/time?timeout=5s", "when"), "");
    EXPECT_EQ(gate.timeout, Duration(5s));
    EXPECT_EQ(gate.published.at(0).kind, Kind::request);
    Extras extras;
    extras.content_type = "text/plain";
    gate.published[0].from->answered(gate.published[0].token, message("$inbox/0/1", "now", extras));
    const std::string answer = sent();
    EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
    EXPECT_NE(answer.find("Content-Type: text/plain\r\n"), std::string::npos);
    EXPECT_EQ(body_of(answer), "now");
}

TEST_F(RestDesk, RequestThatNobodyAnswersTimesOut) {
    ask("POST", "/v1/requests/svc/time", "when");
    EXPECT_EQ(gate.timeout, Duration(10s));
    Receipt receipt;
    receipt.code = Errc::timed_out;
    gate.published.at(0).from->settled(gate.published[0].token, receipt);
    EXPECT_EQ(status_line(sent()), "HTTP/1.1 504 Gateway Timeout");
    ask("POST", "/v1/requests/svc/time?timeout=2h", "when");
    EXPECT_EQ(gate.timeout, limits.max_wait);
}

}  // namespace
}  // namespace junctor::rest
