#include "tests/unit/connectors/rest/rest_fixture.hpp"

namespace junctor::rest {
namespace {

using namespace std::chrono_literals;

using RestEvents = RestFixture;

TEST_F(RestEvents, EventsCarryTheMessageObject) {
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

TEST_F(RestEvents, EventsAreKeptAliveByComments) {
    ask("GET", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    for (int count = 0; count < 3; ++count) {
        pass(15s);
        pass(1s);
        EXPECT_EQ(sent(), "8\r\n: ping\n\n\r\n");
    }
}

// THREATS class 23: a slow listener costs no more than its queue, and is told at the end.
TEST_F(RestEvents, SlowListenerKeepsOrderWithinItsLimit) {
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

TEST_F(RestEvents, ListenerThatLeavesEndsItsSession) {
    ask("GET", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    stream->finish(CloseReason::connection_lost);
    pass(1s);
    EXPECT_TRUE(gate.opened.empty());
}

TEST_F(RestEvents, DrainTellsListenersAndEndsTheStream) {
    ask("GET", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    stream->handler().drain();
    const std::string goodbye = sent();
    EXPECT_NE(goodbye.find("event: closed\ndata: server_shutdown\n\n"), std::string::npos) << goodbye;
    EXPECT_TRUE(goodbye.ends_with("0\r\n\r\n"));
    EXPECT_TRUE(stream->closed_as);
}

TEST_F(RestEvents, HeadOfEventsEndsAtOnce) {
    const std::string head = ask("HEAD", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    EXPECT_EQ(status_line(head), "HTTP/1.1 200 OK");
    EXPECT_TRUE(gate.opened.empty());
}

}  // namespace
}  // namespace junctor::rest
