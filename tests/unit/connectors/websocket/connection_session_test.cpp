// Durable sessions: what outlives the connection.

#include "tests/unit/connectors/websocket/connection_fixture.hpp"

namespace junctor::websocket {
namespace {

class DurableConnectionTest : public ConnectionTest {
protected:
    Connection& open(std::string_view more = {}) {
        Connection& connection = connect();
        EXPECT_EQ(answer_to(R"({"op":"session","id":1,"name":"desk")" + std::string(more) + "}"), "");
        connection.arrived();
        EXPECT_EQ(as_text(stream.sent),
                  gate.found.resumed ? R"({"op":"ack","id":1,"resumed":true})" : R"({"op":"ack","id":1,"resumed":false})");
        return connection;
    }
    std::string deliver_numbered(Connection& connection, std::uint64_t sequence, Repeat repeat = Repeat::no) {
        stream.sent.clear();
        const EnvelopePtr message = envelope("a", "x", Qos::at_least_once);
        Template encoded;
        connection.encode(*message, connection.variant({}), encoded);
        connection.deliver({message, encoded, Qos::at_least_once, false, {}, sequence, repeat});
        return std::string(as_text(stream.sent));
    }
    using Acknowledged = std::vector<std::pair<std::uint64_t, Progress>>;
};

TEST_F(DurableConnectionTest, ItsTermsReachTheGateAndItGreetsBeforeItIsReady) {
    gate.found.resumed = true;
    Connection& connection = open(R"(,"expiry":"2h","clean":true)");
    EXPECT_EQ(connection.name(), "desk");
    EXPECT_EQ(gate.terms.expiry, 2h);
    EXPECT_TRUE(gate.terms.clean_start);
    EXPECT_EQ(gate.ready_calls, 1);
}

TEST_F(DurableConnectionTest, WithoutTermsItWaitsAnHourAndKeepsWhatThereIs) {
    open();
    EXPECT_EQ(gate.terms.expiry, 1h);
    EXPECT_FALSE(gate.terms.clean_start);
}

TEST_F(DurableConnectionTest, MessagesHaveNumbersAndOneAcknowledgementStandsForAllBeforeIt) {
    Connection& connection = open();
    EXPECT_EQ(deliver_numbered(connection, 7), R"({"op":"message","qos":1,"seq":7,"topic":"a","data":"x"})");
    EXPECT_EQ(deliver_numbered(connection, 9, Repeat::maybe), R"({"op":"message","qos":1,"seq":9,"repeat":true,"topic":"a","data":"x"})");
    EXPECT_EQ(answer_to(R"({"op":"ack","seq":6})"), "");
    EXPECT_TRUE(gate.acknowledged.empty()) << "that one is not outstanding";
    EXPECT_EQ(answer_to(R"({"op":"ack","seq":9})"), "");
    EXPECT_EQ(gate.acknowledged, (Acknowledged{{9, Progress::done_up_to}}));
    answer_to(R"({"op":"ack","seq":9})");
    EXPECT_EQ(gate.acknowledged.size(), 1U);
}

TEST_F(DurableConnectionTest, ItsWindowClosesAndOpens) {
    Connection& connection = open(R"(,"window":2)");
    deliver_numbered(connection, 1);
    EXPECT_TRUE(connection.accepts(Qos::at_least_once));
    deliver_numbered(connection, 2);
    EXPECT_FALSE(connection.accepts(Qos::at_least_once));
    answer_to(R"({"op":"ack","seq":1})");
    EXPECT_TRUE(connection.accepts(Qos::at_least_once));
    stream.stalled = true;
    EXPECT_FALSE(connection.accepts(Qos::at_least_once));
    stream.stalled = false;
    const int before = gate.ready_calls;
    stream.handler().writable();
    EXPECT_EQ(gate.ready_calls, before + 1);
}

TEST_F(DurableConnectionTest, WhatAnotherProtocolLeftHalfAcknowledgedIsFinished) {
    Connection& connection = open();
    EXPECT_EQ(deliver_numbered(connection, 3, Repeat::release), "");
    EXPECT_EQ(gate.acknowledged, (Acknowledged{{3, Progress::done}}));
}

TEST_F(DurableConnectionTest, EndKeepsNothingAfterTheConnection) {
    open();
    EXPECT_EQ(answer_to(R"({"op":"end","id":2})"), R"({"op":"ack","id":2})");
    EXPECT_EQ(gate.terms.expiry, 0s);
}

TEST_F(DurableConnectionTest, ASessionIsNamedByTheFirstFrameOnly) {
    connect();
    answer_to(R"({"op":"ping"})");
    EXPECT_EQ(answer_to(R"({"op":"session","id":1,"name":"desk"})"),
              R"({"op":"error","id":1,"code":"bad_request","reason":"`session` must be the first frame"})");
    EXPECT_NE(answer_to(R"({"op":"ack","seq":0})").find("whole number"), std::string::npos);
    EXPECT_EQ(answer_to(R"({"op":"ack","seq":1})"), "") << "there is nothing to acknowledge";
}

}  // namespace
}  // namespace junctor::websocket
