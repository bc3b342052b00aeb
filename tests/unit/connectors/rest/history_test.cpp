// Histories over HTTP: read in parts, and event streams that come back where they were.

#include "tests/unit/connectors/rest/rest_fixture.hpp"

namespace junctor::rest {
namespace {

using namespace std::chrono_literals;
using From = HistoryStart::From;

class RestHistory : public RestFixture {
protected:
    EnvelopePtr kept(const std::string& topic, const std::string& payload, std::uint64_t offset) {
        EnvelopePtr one = message(topic, payload);
        one->place_in_history({epoch, offset});
        return one;
    }
    std::string events(const std::string& query, const std::string& fields = "") {
        return ask("GET", "/v1/topics/a/%23" + query, "", "Accept: text/event-stream\r\n" + fields);
    }

    static constexpr std::uint64_t epoch = 0x9f86d081884c7d65;
};

TEST_F(RestHistory, IsReadInParts) {
    gate.page.outcome = {Resumption::exact, {epoch, 0}};
    gate.page.next = {epoch, 2};
    gate.page.last = {epoch, 9};
    gate.page.messages = {kept("a/1", "one", 1), kept("a/1", "two", 2)};
    const std::string answer = ask("GET", "/v1/history/a/%23?limit=2");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200"));
    EXPECT_NE(answer.find(R"({"epoch":"9f86d081884c7d65","next":2,"last":9,"messages":[{"op":"message","topic":"a/1","data":"one",)"
                          R"("epoch":"9f86d081884c7d65","offset":1},)"),
              std::string::npos)
        << answer;
    EXPECT_EQ(gate.question.filter.text(), "a/#");
    EXPECT_EQ(gate.question.most_messages, 2U);
    EXPECT_EQ(gate.question.start, (HistoryStart{From::first, {}}));
}

TEST_F(RestHistory, GoesOnBehindAPosition) {
    gate.page.outcome = {Resumption::exact, {epoch, 17}};
    ask("GET", "/v1/history/a?epoch=9f86d081884c7d65&from=17");
    EXPECT_EQ(gate.question.start, (HistoryStart{From::after, {epoch, 17}}));
    ask("GET", "/v1/history/a?from=9f86d081884c7d65-18");
    EXPECT_EQ(gate.question.start, (HistoryStart{From::after, {epoch, 18}}));
}

TEST_F(RestHistory, SaysThatAPartIsGone) {
    gate.page.outcome = {Resumption::gap, {epoch, 90}};
    const std::string answer = ask("GET", "/v1/history/a?from=9f86d081884c7d65-18");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 410"));
    EXPECT_NE(answer.find(R"("code":"gap")"), std::string::npos);
    EXPECT_NE(answer.find("9f86d081884c7d65-90"), std::string::npos) << "where to go on";
}

TEST_F(RestHistory, SaysThatThereIsNone) {
    gate.page.outcome = {Resumption::none, {}};
    const std::string answer = ask("GET", "/v1/history/a");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 404"));
    EXPECT_NE(answer.find("no_history"), std::string::npos);
}

TEST_F(RestHistory, SaysWhyItMayNotBeRead) {
    gate.page.code = Errc::denied;
    gate.page.reason = "not yours";
    const std::string answer = ask("GET", "/v1/history/a");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403"));
    EXPECT_NE(answer.find("not yours"), std::string::npos);
}

TEST_F(RestHistory, RefusesWhatMeansNothing) {
    for (const char* query : {"from=17", "from=yesterday", "epoch=9f86d081884c7d65", "limit=0", "offset=1"})
        EXPECT_TRUE(ask("GET", "/v1/history/a?" + std::string(query)).starts_with("HTTP/1.1 400")) << query;
    EXPECT_TRUE(ask("GET", "/v1/history/a/%23/b").starts_with("HTTP/1.1 400"));
    EXPECT_TRUE(ask("GET", "/v1/topics/a?from=first").starts_with("HTTP/1.1 400")) << "a read of the retained value has no past";
}

TEST_F(RestHistory, EventsCarryTheirPositionAsId) {
    events("");
    EXPECT_FALSE(gate.start) << "who asks for nothing gets what comes";
    gate.deliver(kept("a/1", "one", 5));
    EXPECT_NE(sent().find("id: 9f86d081884c7d65-5\ndata: {\"op\":\"message\",\"topic\":\"a/1\",\"data\":\"one\"}\n\n"), std::string::npos);
    gate.deliver(kept("a/1", "retained", 4), true);
    EXPECT_EQ(sent().find("id:"), std::string::npos) << "where it was published is not how far the client has come";
}

TEST_F(RestHistory, AClientComesBackWithItsId) {
    gate.outcome = {Resumption::exact, {epoch, 5}};
    const std::string answer = events("", "Last-Event-ID: 9f86d081884c7d65-5\r\n");
    EXPECT_EQ(gate.start, (HistoryStart{From::after, {epoch, 5}}));
    EXPECT_EQ(answer.find("event: gap"), std::string::npos);
}

TEST_F(RestHistory, TheIdCountsMoreThanTheUrlThatIsRepeated) {
    gate.outcome = {Resumption::exact, {epoch, 5}};
    events("?from=first", "Last-Event-ID: 9f86d081884c7d65-5\r\n");
    EXPECT_EQ(gate.start, (HistoryStart{From::after, {epoch, 5}}));
}

TEST_F(RestHistory, AGapIsAnEventBeforeWhatIsLeft) {
    gate.outcome = {Resumption::gap, {epoch, 90}};
    EXPECT_NE(events("?from=9f86d081884c7d65-5").find("event: gap\n"), std::string::npos);
    gate.deliver(kept("a/1", "one", 91));
    EXPECT_NE(sent().find("id: 9f86d081884c7d65-91\n"), std::string::npos);
}

TEST_F(RestHistory, AnIdOfSomethingElseIsAGapToo) {
    gate.outcome = {Resumption::none, {}};
    EXPECT_NE(events("", "Last-Event-ID: 42\r\n").find("event: gap\ndata: {\"reason\":\"none\"}\n\n"), std::string::npos);
    EXPECT_EQ(gate.start, (HistoryStart{From::after, {}}));
}

TEST_F(RestHistory, ABeginningGivesTheIdToComeBackWith) {
    gate.outcome = {Resumption::exact, {epoch, 7}};
    EXPECT_NE(events("?from=now").find("id: 9f86d081884c7d65-7\n\n"), std::string::npos);
    EXPECT_EQ(gate.start, (HistoryStart{From::now, {}}));
}

TEST_F(RestHistory, ASlowListenerOfAHistoryIsCutOffAndNeverMissesSilently) {
    gate.outcome = {Resumption::exact, {epoch, 0}};
    events("?from=first");
    stream->stalled = true;
    EXPECT_FALSE(gate.subscriber->accepts(Qos::at_most_once));
    const int before = gate.ready_calls;
    stream->unstall();
    EXPECT_EQ(gate.ready_calls, before + 1) << "the gate goes on with what it held back";
    stream->stalled = true;
    for (std::uint64_t offset = 1; offset < 40; ++offset) gate.deliver(kept("a/1", std::string(1 << 20, 'x'), offset));
    pass(1s);
    EXPECT_EQ(gate.closed, std::vector<CloseReason>{CloseReason::slow_consumer});
}

}  // namespace
}  // namespace junctor::rest
