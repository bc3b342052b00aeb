// Subscriptions that begin in a history, and what is read of one.

#include "tests/unit/connectors/websocket/connection_fixture.hpp"

namespace junctor::websocket {
namespace {

using From = HistoryStart::From;

class HistoryConnectionTest : public ConnectionTest {
protected:
    EnvelopePtr kept(std::string_view topic, std::string_view payload, std::uint64_t offset) {
        EnvelopePtr message = envelope(topic, payload);
        message->place_in_history({epoch, offset});
        return message;
    }

    static constexpr std::uint64_t epoch = 0x9f86d081884c7d65;
};

TEST_F(HistoryConnectionTest, SubscribesFromTheFirstAndHearsWhatIsThere) {
    connect();
    gate.outcomes = {{Resumption::exact, {epoch, 3}}};
    EXPECT_EQ(answer_to(R"({"op":"subscribe","id":1,"filter":"a/#","from":"first"})"),
              R"({"op":"ack","id":1,"resume":"exact","epoch":"9f86d081884c7d65","offset":3})");
    EXPECT_EQ(gate.subscribed.at(0).start, (HistoryStart{From::first, {}}));
}

TEST_F(HistoryConnectionTest, ResumesBehindAPositionAndHearsOfAGap) {
    connect();
    gate.outcomes = {{Resumption::gap, {epoch, 90}}};
    EXPECT_EQ(answer_to(R"({"op":"subscribe","id":1,"filter":"a","epoch":"9f86d081884c7d65","offset":17})"),
              R"({"op":"ack","id":1,"resume":"gap","epoch":"9f86d081884c7d65","offset":90})");
    EXPECT_EQ(gate.subscribed.at(0).start, (HistoryStart{From::after, {epoch, 17}}));
    gate.outcomes = {{Resumption::none, {}}};
    EXPECT_EQ(answer_to(R"({"op":"subscribe","id":2,"filter":"b","from":"now"})"), R"({"op":"ack","id":2,"resume":"none"})");
}

TEST_F(HistoryConnectionTest, ShowsPlacesOnlyToAClientThatHasAsked) {
    Connection& connection = connect();
    answer_to(R"({"op":"subscribe","id":1,"filter":"a"})");
    stream.sent.clear();
    deliver(connection, kept("a", "x", 4));
    EXPECT_EQ(as_text(stream.sent), R"({"op":"message","topic":"a","data":"x"})");
    gate.outcomes = {{Resumption::exact, {epoch, 4}}};
    answer_to(R"({"op":"subscribe","id":2,"filter":"a","from":"now"})");
    stream.sent.clear();
    deliver(connection, kept("a", "y", 5));
    EXPECT_EQ(as_text(stream.sent), R"({"op":"message","topic":"a","data":"y","epoch":"9f86d081884c7d65","offset":5})");
    stream.sent.clear();
    deliver(connection, envelope("b", "in no history"));
    EXPECT_EQ(as_text(stream.sent), R"({"op":"message","topic":"b","data":"in no history"})");
}

TEST_F(HistoryConnectionTest, WhatWaitsKeepsItsPlaceAndIsNeverDroppedSilently) {
    Connection& connection = connect();
    gate.outcomes = {{Resumption::exact, {epoch, 0}}};
    answer_to(R"({"op":"subscribe","id":1,"filter":"a","from":"first"})");
    stream.stalled = true;
    EXPECT_FALSE(connection.accepts(Qos::at_most_once));
    deliver(connection, kept("a", "x", 1));
    stream.stalled = false;
    stream.sent.clear();
    stream.handler().writable();
    EXPECT_EQ(as_text(stream.sent), R"({"op":"message","topic":"a","data":"x","epoch":"9f86d081884c7d65","offset":1})");
    EXPECT_EQ(gate.ready_calls, 1) << "the gate goes on with what it held back";
    stream.stalled = true;
    const std::string large(1 << 20, 'x');
    for (std::uint64_t offset = 2; offset < 40 && !gate.closed_as; ++offset) deliver(connection, kept("a", large, offset));
    EXPECT_EQ(gate.closed_as, CloseReason::slow_consumer);
}

TEST_F(HistoryConnectionTest, ReadsWithoutSubscribing) {
    connect();
    gate.page.outcome = {Resumption::exact, {epoch, 0}};
    gate.page.next = {epoch, 2};
    gate.page.last = {epoch, 9};
    gate.page.messages = {kept("a/1", "one", 1), kept("a/2", "two", 2)};
    EXPECT_EQ(answer_to(R"({"op":"history","id":7,"filter":"a/+","limit":2})"),
              R"({"op":"history","id":7,"resume":"exact","epoch":"9f86d081884c7d65","offset":2,"last":9,"messages":[)"
              R"({"op":"message","topic":"a/1","data":"one","epoch":"9f86d081884c7d65","offset":1},)"
              "\n"
              R"({"op":"message","topic":"a/2","data":"two","epoch":"9f86d081884c7d65","offset":2}]})");
    EXPECT_EQ(gate.histories_read.at(0).question.most_messages, 2U);
    EXPECT_EQ(gate.histories_read.at(0).question.filter.text(), "a/+");
}

TEST_F(HistoryConnectionTest, HearsWhyItMayNotRead) {
    connect();
    gate.page.code = Errc::denied;
    gate.page.reason = "no";
    EXPECT_EQ(answer_to(R"({"op":"history","id":7,"filter":"a"})"), R"({"op":"error","id":7,"code":"denied","reason":"no"})");
    EXPECT_NE(answer_to(R"({"op":"history","id":7,"filter":"a/#/b"})").find("bad_filter"), std::string::npos);
}

TEST_F(HistoryConnectionTest, ABeginningThatMeansNothingIsRefusedInWords) {
    connect();
    const std::pair<const char*, const char*> wrong[] = {
        {R"("from":"yesterday")", "`from` must be"},
        {R"("offset":17)", "`epoch` and `offset` come together"},
        {R"("epoch":"9f86d081884c7d65")", "`epoch` and `offset` come together"},
        {R"("epoch":"short","offset":1)", "`epoch` must be 16 hexadecimal digits"},
        {R"("epoch":"9f86d081884c7d65","offset":-1)", "`offset` must be a whole number"},
        {R"("epoch":"9f86d081884c7d65","offset":1,"from":"now")", "give `from`, or"},
    };
    for (const auto& [fields, sentence] : wrong)
        EXPECT_NE(answer_to(R"({"op":"subscribe","id":1,"filter":"a",)" + std::string(fields) + "}").find(sentence), std::string::npos) << fields;
    EXPECT_TRUE(gate.subscribed.empty());
}

}  // namespace
}  // namespace junctor::websocket
