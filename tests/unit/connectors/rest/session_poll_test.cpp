#include "connectors/rest/session_poll.hpp"

#include "tests/unit/connectors/rest/rest_fixture.hpp"

namespace junctor::rest {
namespace {

using namespace std::chrono_literals;

using RestSessionPoll = RestFixture;

TEST_F(RestSessionPoll, WhatWaitsComesTogetherWithTheLastId) {
    gate.found.epoch = 0xa;
    EXPECT_EQ(ask("GET", "/v1/topics/a/%23?session=desk&wait=30s"), "");
    EXPECT_EQ(gate.subscribed, std::vector<std::string>{"a/#"});
    EXPECT_TRUE(gate.deliver_numbered(message("a/1", "one"), 4));
    EXPECT_TRUE(gate.deliver_numbered(message("a/2", "two"), 5, Repeat::maybe));
    pass(1ms);
    const std::string answer = sent();
    EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
    EXPECT_NE(answer.find("Last-Event-ID: a-5\r\n"), std::string::npos);
    EXPECT_EQ(body_of(answer), "[{\"op\":\"message\",\"qos\":1,\"seq\":4,\"topic\":\"a/1\",\"data\":\"one\"},\n"
                               "{\"op\":\"message\",\"qos\":1,\"seq\":5,\"repeat\":true,\"topic\":\"a/2\",\"data\":\"two\"}]\n");
    EXPECT_EQ(gate.closed, std::vector<CloseReason>{CloseReason::normal});
    EXPECT_TRUE(gate.acknowledged.empty());
}

TEST_F(RestSessionPoll, WhatWaitsMayComeAsABatchOfCloudEvents) {
    gate.found.epoch = 0xa;
    ask("GET", "/v1/topics/a/%23?session=desk&wait=30s", "", "Accept: application/cloudevents-batch+json\r\n");
    EXPECT_TRUE(gate.deliver_numbered(message("a/1", "one"), 4));
    EXPECT_TRUE(gate.deliver_numbered(message("a/2", "two"), 5));
    pass(1ms);
    const std::string answer = sent();
    EXPECT_NE(answer.find("Content-Type: application/cloudevents-batch+json\r\n"), std::string::npos) << answer;
    EXPECT_NE(answer.find("Last-Event-ID: a-5\r\n"), std::string::npos);
    EXPECT_NE(body_of(answer).find("\"data\":\"one\"},\n{\"specversion\""), std::string::npos) << answer;
}

TEST_F(RestSessionPoll, TheNextGetAcknowledges) {
    gate.found = {true, 0xa, {}};
    ask("GET", "/v1/topics/a?session=desk&wait=30s&ack=a-5");
    EXPECT_EQ(gate.acknowledged, (std::vector<std::pair<std::uint64_t, Progress>>{{5, Progress::done_up_to}}));
}

TEST_F(RestSessionPoll, NothingIsA204WhenItsTimeIsOver) {
    EXPECT_EQ(ask("GET", "/v1/topics/a?session=desk&wait=2s"), "");
    pass(2s);
    pass(1ms);
    EXPECT_EQ(status_line(sent()), "HTTP/1.1 204 No Content");
    pass(1ms);
    EXPECT_TRUE(gate.opened.empty());
}

TEST_F(RestSessionPoll, TakesNoMoreThanItsWindow) {
    ask("GET", "/v1/topics/a?session=desk&wait=2s&window=1");
    EXPECT_TRUE(gate.deliver_numbered(message("a", "1"), 1));
    EXPECT_FALSE(gate.deliver_numbered(message("a", "2"), 2));
}

TEST_F(RestSessionPoll, WhatAnotherProtocolLeftHalfAcknowledgedIsFinished) {
    ask("GET", "/v1/topics/a?session=desk&wait=2s");
    EXPECT_TRUE(gate.deliver_numbered(message("a", "1"), 3, Repeat::release));
    EXPECT_EQ(gate.acknowledged, (std::vector<std::pair<std::uint64_t, Progress>>{{3, Progress::done}}));
    pass(1ms);
    EXPECT_EQ(sent(), "");
}

TEST_F(RestSessionPoll, ARefusedSubscriptionIsAProblem) {
    gate.subscribe_code = Errc::denied;
    EXPECT_EQ(status_line(ask("GET", "/v1/topics/a?session=desk&wait=2s")), "HTTP/1.1 403 Forbidden");
}

}  // namespace
}  // namespace junctor::rest
