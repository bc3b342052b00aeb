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

// What stands on many lines must not end the event that carries it.
TEST_F(RestEvents, AnEventMayBeACloudEvent) {
    ask("GET", "/v1/topics/a?format=cloudevents", "", "Accept: text/event-stream\r\n");
    Extras json;
    json.content_type = "application/json";
    gate.deliver(message("a", "{\n\"x\":\r\n1}", json));
    const std::string event = sent();
    EXPECT_NE(event.find("data: {\"specversion\":\"1.0\","), std::string::npos) << event;
    EXPECT_NE(event.find("\"data\":{ \"x\":  1}}\n\n"), std::string::npos) << event;
}

TEST_F(RestEvents, ACloudEventOfADurableSessionHasItsId) {
    gate.found.epoch = 0x1f;
    ask("GET", "/v1/topics/a?session=desk&format=cloudevents", "", "Accept: text/event-stream\r\n");
    EXPECT_TRUE(gate.deliver_numbered(message("a", "1"), 7));
    EXPECT_NE(sent().find("id: 1f-7\ndata: {\"specversion\":"), std::string::npos);
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

TEST_F(RestEvents, ADurableSessionNumbersItsEvents) {
    gate.found.epoch = 0x1f;
    const std::string head = ask("GET", "/v1/topics/a?session=desk&expiry=2h", "", "Accept: text/event-stream\r\n");
    EXPECT_NE(head.find("retry: 100\n\n"), std::string::npos);
    EXPECT_EQ(gate.name, "desk");
    EXPECT_EQ(gate.terms.expiry, 2h);
    EXPECT_FALSE(gate.terms.clean_start);
    EXPECT_EQ(gate.options.max_qos, Qos::at_least_once);
    EXPECT_EQ(gate.options.retain_handling, RetainHandling::send_if_new);
    EXPECT_GT(gate.ready_calls, 0);
    EXPECT_TRUE(gate.deliver_numbered(message("a", "1"), 7));
    EXPECT_NE(sent().find("id: 1f-7\ndata: {\"op\":\"message\",\"qos\":1,\"seq\":7,\"topic\":\"a\",\"data\":\"1\"}\n\n"), std::string::npos);
    EXPECT_TRUE(gate.deliver_numbered(message("a", "2"), 9, Repeat::maybe));
    EXPECT_NE(sent().find("id: 1f-9\ndata: {\"op\":\"message\",\"qos\":1,\"seq\":9,\"repeat\":true,"), std::string::npos);
    gate.deliver(message("a", "loose"));
    EXPECT_NE(sent().find("\ndata: {\"op\":\"message\",\"topic\":\"a\",\"data\":\"loose\"}"), std::string::npos);
}

TEST_F(RestEvents, TheLastEventIdAcknowledgesAndOutweighsClean) {
    gate.found.resumed = true;
    gate.found.epoch = 0x1f;
    const std::string accept = "Accept: text/event-stream\r\n";
    ask("GET", "/v1/topics/a?session=desk&clean=1", "", accept + "Last-Event-ID: 1f-9\r\n");
    EXPECT_FALSE(gate.terms.clean_start);
    EXPECT_EQ(gate.acknowledged, (std::vector<std::pair<std::uint64_t, Progress>>{{9, Progress::done_up_to}}));
    connect();
    ask("GET", "/v1/topics/a?session=desk", "", accept + "Last-Event-ID: 1e-30\r\n");
    EXPECT_EQ(gate.acknowledged.size(), 1U) << "another session had that name then";
}

// An event stream cannot acknowledge: it ends after a window, and the client that comes again says what it has.
TEST_F(RestEvents, AFullWindowEndsTheResponse) {
    ask("GET", "/v1/topics/a?session=desk&window=2", "", "Accept: text/event-stream\r\n");
    EXPECT_TRUE(gate.deliver_numbered(message("a", "1"), 1));
    EXPECT_TRUE(gate.deliver_numbered(message("a", "2"), 2));
    EXPECT_FALSE(gate.deliver_numbered(message("a", "3"), 3));
    pass(1ms);
    EXPECT_TRUE(sent().ends_with("0\r\n\r\n"));
    EXPECT_EQ(gate.closed, std::vector<CloseReason>{CloseReason::normal});
}

TEST_F(RestEvents, AStalledDurableListenerIsNotSentMore) {
    ask("GET", "/v1/topics/a?session=desk", "", "Accept: text/event-stream\r\n");
    stream->stalled = true;
    EXPECT_FALSE(gate.deliver_numbered(message("a", "1"), 1));
    const int before = gate.ready_calls;
    stream->unstall();
    EXPECT_GT(gate.ready_calls, before);
    EXPECT_TRUE(gate.deliver_numbered(message("a", "1"), 1));
}

TEST_F(RestEvents, BadSessionsAreRefused) {
    const std::string accept = "Accept: text/event-stream\r\n";
    for (const char* query : {"session=a%2Fb", "session=", "session=x&expiry=0s", "session=x&window=0", "session=x&window=ten", "session=x&ack=17"})
        EXPECT_EQ(status_line(ask("GET", std::string("/v1/topics/a?") + query, "", accept)), "HTTP/1.1 400 Bad Request") << query;
    EXPECT_EQ(status_line(ask("GET", "/v1/topics/a?session=x")), "HTTP/1.1 400 Bad Request") << "neither wait nor events";
}

TEST_F(RestEvents, HeadOfEventsEndsAtOnce) {
    const std::string head = ask("HEAD", "/v1/topics/a", "", "Accept: text/event-stream\r\n");
    EXPECT_EQ(status_line(head), "HTTP/1.1 200 OK");
    EXPECT_TRUE(gate.opened.empty());
}

}  // namespace
}  // namespace junctor::rest
