#include "tests/unit/connectors/rest/rest_fixture.hpp"

namespace junctor::rest {
namespace {

using namespace std::chrono_literals;

using RestRead = RestFixture;

TEST_F(RestRead, OneTopicIsItsBarePayload) {
    Extras extras;
    extras.content_type = "image/png";
    gate.kept = {message("a/b", std::string("\0\xff", 2), extras)};
    const std::string answer = ask("GET", "/v1/topics/a/b");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
    EXPECT_NE(answer.find("Content-Type: image/png\r\n"), std::string::npos);
    EXPECT_EQ(body_of(answer), std::string("\0\xff", 2));
}

TEST_F(RestRead, NothingRetainedSaysWhatToDo) {
    const std::string answer = ask("GET", "/v1/topics/a/b");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 404 Not Found");
    EXPECT_NE(answer.find("?retain=1"), std::string::npos);
    EXPECT_NE(answer.find("?wait=30s"), std::string::npos);
}

TEST_F(RestRead, WildcardIsAnArrayOfMessages) {
    gate.kept = {message("a/1", "one"), message("a/2", "\xff"), message("b", "other")};
    EXPECT_EQ(body_of(ask("GET", "/v1/topics/a/+")),
              "[{\"op\":\"message\",\"retain\":true,\"topic\":\"a/1\",\"data\":\"one\"},\n"
              "{\"op\":\"message\",\"retain\":true,\"topic\":\"a/2\",\"data_base64\":\"/w==\"}]\n");
    EXPECT_EQ(body_of(ask("GET", "/v1/topics/c/%23")), "[]\n");
}

TEST_F(RestRead, BadFiltersAreRefused) {
    for (const char* target : {"/v1/topics/a+", "/v1/topics/%23/a", "/v1/topics/", "/v1/topics/a?wait=soon", "/v1/topics/a?wat=1s"})
        EXPECT_EQ(status_line(ask("GET", target)), "HTTP/1.1 400 Bad Request") << target;
}

TEST_F(RestRead, DeniedReadsAreForbidden) {
    gate.retained_code = Errc::denied;
    EXPECT_EQ(status_line(ask("GET", "/v1/topics/a")), "HTTP/1.1 403 Forbidden");
    gate.retained_code = Errc::ok;
    gate.subscribe_code = Errc::denied;
    EXPECT_EQ(status_line(ask("GET", "/v1/topics/a?wait=1s")), "HTTP/1.1 403 Forbidden");
    EXPECT_EQ(status_line(ask("GET", "/v1/topics/a", "", "Accept: text/event-stream\r\n")), "HTTP/1.1 403 Forbidden");
    EXPECT_EQ(gate.opened.size(), 1U) << "only the shared session is left";
}

TEST_F(RestRead, LongPollAnswersWithTheNextMessage) {
    EXPECT_EQ(ask("GET", "/v1/topics/a/b?wait=30s"), "");
    EXPECT_EQ(gate.subscribed, std::vector<std::string>{"a/b"});
    gate.deliver(message("a/b", "next"));
    EXPECT_EQ(body_of(sent()), "next");
    pass(1s);
    EXPECT_EQ(gate.opened.size(), 1U) << "the poll's session has gone";
}

TEST_F(RestRead, LongPollAnswersRetainedAtOnce) {
    gate.kept = {message("a/b", "kept")};
    EXPECT_EQ(body_of(ask("GET", "/v1/topics/a/b?wait=30s")), "kept");
    EXPECT_TRUE(gate.subscribed.empty());
}

TEST_F(RestRead, LongPollOfAWildcardAnswersAnArray) {
    ask("GET", "/v1/topics/a/+?wait=30s");
    gate.deliver(message("a/b", "next"));
    EXPECT_EQ(body_of(sent()), "[{\"op\":\"message\",\"topic\":\"a/b\",\"data\":\"next\"}]\n");
}

TEST_F(RestRead, LongPollEndsWithNoContent) {
    ask("GET", "/v1/topics/a/b?wait=30s");
    pass(29s);
    EXPECT_EQ(sent(), "");
    pass(2s);
    EXPECT_EQ(status_line(sent()), "HTTP/1.1 204 No Content");
    EXPECT_FALSE(stream->closed_as);
}

TEST_F(RestRead, LongPollEndsWithItsClient) {
    ask("GET", "/v1/topics/a/b?wait=30s");
    EXPECT_EQ(gate.opened.size(), 2U);
    stream->finish(CloseReason::connection_lost);
    pass(1s);
    EXPECT_EQ(gate.closed, std::vector{CloseReason::connection_lost});
}

TEST_F(RestRead, EventsCarryTheMessageObject) {
    const std::string head = ask("GET", "/v1/topics/a/%23", "", "Accept: text/event-stream\r\n");
    EXPECT_NE(head.find("Content-Type: text/event-stream\r\n"), std::string::npos);
    EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    gate.deliver(message("a/1", "kept"), true);
    EXPECT_EQ(sent(), "42\r\ndata: {\"op\":\"message\",\"retain\":true,\"topic\":\"a/1\",\"data\":\"kept\"}\n\n\r\n");
    gate.deliver(message("a/1", "two\nlines"));
    EXPECT_NE(sent().find("\"data\":\"two\\nlines\"}\n\n"), std::string::npos);
    gate.deliver(message("a/1", std::string(5'000, 'x')));
    EXPECT_NE(sent().find(std::string(5'000, 'x') + "\"}\n\n"), std::string::npos);
}

TEST_F(RestRead, EventsAreKeptAliveByComments) {
    ask("GET", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    for (int count = 0; count < 3; ++count) {
        pass(15s);
        pass(1s);
        EXPECT_EQ(sent(), "8\r\n: ping\n\n\r\n");
    }
}

// THREATS class 23: a slow listener costs no more than its queue, and is told at the end.
TEST_F(RestRead, SlowListenerKeepsOrderWithinItsLimit) {
    ask("GET", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    stream->stalled = true;
    gate.deliver(message("a", "1"));
    gate.deliver(message("a", "2"));
    EXPECT_EQ(sent(), "");
    stream->unstall();
    const std::string events = sent();
    EXPECT_LT(events.find("\"1\""), events.find("\"2\""));
    EXPECT_NE(events.find("\"2\""), std::string::npos);
    stream->stalled = true;
    for (int count = 0; count < 40; ++count) gate.deliver(message("a", std::string(1 << 20, 'x')));
    EXPECT_EQ(gate.last_result, DeliverResult::dropped_oldest);
    EXPECT_FALSE(stream->closed_as);
}

TEST_F(RestRead, ListenerThatLeavesEndsItsSession) {
    ask("GET", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    stream->finish(CloseReason::connection_lost);
    pass(1s);
    EXPECT_TRUE(gate.opened.empty());
}

TEST_F(RestRead, DrainTellsListenersAndEndsTheStream) {
    ask("GET", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    stream->handler().drain();
    const std::string goodbye = sent();
    EXPECT_NE(goodbye.find("event: closed\ndata: server_shutdown\n\n"), std::string::npos) << goodbye;
    EXPECT_TRUE(goodbye.ends_with("0\r\n\r\n"));
    EXPECT_TRUE(stream->closed_as);
}

TEST_F(RestRead, HeadOfEventsEndsAtOnce) {
    const std::string head = ask("HEAD", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    EXPECT_EQ(status_line(head), "HTTP/1.1 200 OK");
    EXPECT_TRUE(gate.opened.empty());
}

}  // namespace
}  // namespace junctor::rest
