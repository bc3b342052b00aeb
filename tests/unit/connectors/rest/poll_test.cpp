#include "tests/unit/connectors/rest/rest_fixture.hpp"

namespace junctor::rest {
namespace {

using namespace std::chrono_literals;

using RestPoll = RestFixture;

TEST_F(RestPoll, LongPollAnswersWithTheNextMessage) {
    EXPECT_EQ(ask("GET", "/v1/topics/a/b?wait=30s"), "");
    EXPECT_EQ(gate.subscribed, std::vector<std::string>{"a/b"});
    gate.deliver(message("a/b", "next"));
    EXPECT_EQ(body_of(sent()), "next");
    pass(1s);
    EXPECT_EQ(gate.opened.size(), 1U) << "the poll's session has gone";
}

TEST_F(RestPoll, LongPollAnswersRetainedAtOnce) {
    gate.kept = {message("a/b", "kept")};
    EXPECT_EQ(body_of(ask("GET", "/v1/topics/a/b?wait=30s")), "kept");
    EXPECT_TRUE(gate.subscribed.empty());
}

TEST_F(RestPoll, LongPollOfAWildcardAnswersAnArray) {
    ask("GET", "/v1/topics/a/+?wait=30s");
    gate.deliver(message("a/b", "next"));
    EXPECT_EQ(body_of(sent()), "[{\"op\":\"message\",\"topic\":\"a/b\",\"data\":\"next\"}]\n");
}

TEST_F(RestPoll, LongPollEndsWithNoContent) {
    ask("GET", "/v1/topics/a/b?wait=30s");
    pass(29s);
    EXPECT_EQ(sent(), "");
    pass(2s);
    EXPECT_EQ(status_line(sent()), "HTTP/1.1 204 No Content");
    EXPECT_FALSE(stream->closed_as);
}

TEST_F(RestPoll, LongPollEndsWithItsClient) {
    ask("GET", "/v1/topics/a/b?wait=30s");
    EXPECT_EQ(gate.opened.size(), 2U);
    stream->finish(CloseReason::connection_lost);
    pass(1s);
    EXPECT_EQ(gate.closed, std::vector{CloseReason::connection_lost});
}

}  // namespace
}  // namespace junctor::rest
