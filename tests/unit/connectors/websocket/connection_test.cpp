#include "tests/unit/connectors/websocket/connection_fixture.hpp"

namespace junctor::websocket {
namespace {

TEST_F(ConnectionTest, StaysSmallAtRest) {
    EXPECT_LE(sizeof(Connection), 208u);
}

class IdleConnectionTest : public ConnectionTest {
protected:
    IdleConnectionTest() {
        settings->ping_interval = 30s;
        connect();
        answer_to(R"({"op":"ping"})");
    }
    ~IdleConnectionTest() override { stream.finish(CloseReason::connection_lost); }
    void pass(Duration time) {
        lone.clock.advance(time);
        lone.core.begin_round();
        stream.handler().timed_out();
    }
};

TEST_F(IdleConnectionTest, ASilentPeerGetsAPingAndIsGoneWhenItStaysSilent) {
    EXPECT_EQ(stream.deadline, 30s);
    pass(30s);
    EXPECT_EQ(stream.pings, 1);
    EXPECT_FALSE(stream.closed_as);
    pass(30s);
    EXPECT_EQ(stream.closed_as, CloseReason::idle_timeout);
}

TEST_F(IdleConnectionTest, APeerThatSpeaksGetsNone) {
    lone.clock.advance(20s);
    lone.core.begin_round();
    answer_to(R"({"op":"ping"})");
    pass(10s);
    EXPECT_EQ(stream.pings, 0);
    EXPECT_EQ(stream.deadline, 20s);
}

TEST_F(IdleConnectionTest, ASignOfLifeAfterThePingCounts) {
    pass(30s);
    answer_to(R"({"op":"ping"})");
    pass(10s);
    EXPECT_FALSE(stream.closed_as);
    EXPECT_EQ(stream.deadline, 20s);
    pass(20s);
    EXPECT_EQ(stream.pings, 2);
}

TEST_F(ConnectionTest, WhoOnlyEndsItsOwnDirectionStillGetsItsAnswers) {
    Connection& connection = connect();
    gate.holds_answers = true;
    answer_to(R"({"op":"publish","id":1,"topic":"a","data":"x"})");
    EXPECT_TRUE(connection.input_ended());
    EXPECT_FALSE(stream.closed_as);
    connection.settled(gate.published.back().token, Receipt{});
    EXPECT_EQ(as_text(stream.sent), R"({"op":"ack","id":1})");
    EXPECT_EQ(stream.closed_as, CloseReason::normal);
}

TEST_F(ConnectionTest, WhoWaitsForNothingIsGoneWithItsDirection) {
    Connection& connection = connect();
    answer_to(R"({"op":"publish","id":1,"topic":"a","data":"x"})");
    EXPECT_FALSE(connection.input_ended());
}

TEST_F(ConnectionTest, APublishMayBeACloudEvent) {
    connect();
    EXPECT_EQ(answer_to(R"({"op":"publish","id":1,"topic":"a","event":{"specversion":"1.0","id":"7","source":"/s","type":"t","data":[1]}})"),
              R"({"op":"ack","id":1})");
    ASSERT_EQ(gate.published.size(), 1U);
    EXPECT_EQ(gate.published[0].payload, "[1]");
    EXPECT_EQ(gate.published[0].extras.content_type, "application/json");
    EXPECT_NE(answer_to(R"({"op":"publish","id":2,"topic":"a","event":{"id":"7"}})").find("a CloudEvent needs"), std::string::npos);
    EXPECT_NE(answer_to(R"({"op":"publish","id":3,"topic":"a","event":{},"data":"x"})").find("`event` holds `data`"), std::string::npos);
    EXPECT_NE(answer_to(R"({"op":"publish","id":4,"topic":"a","event":"x"})").find("must be a CloudEvent"), std::string::npos);
    EXPECT_EQ(gate.published.size(), 1U);
}

TEST_F(ConnectionTest, MessagesComeAsCloudEventsWhereThatIsAskedFor) {
    auto made = std::make_unique<Connection>(stream, settings, true);
    Connection& connection = *made;
    stream.attach(std::move(made));
    connection.admit(Credentials{});
    answer_to(R"({"op":"subscribe","filter":"a"})");
    stream.sent.clear();
    deliver(connection, envelope("a", "x"), Qos::at_least_once);
    const std::string frame(as_text(stream.sent));
    EXPECT_EQ(frame.find(R"({"op":"message","qos":1,"topic":"a","event":{"specversion":"1.0",)"), 0U) << frame;
    EXPECT_TRUE(frame.ends_with(R"("data":"x"}})")) << frame;
    EXPECT_NE(connection.variant({}), Connection(stream, settings).variant({})) << "nobody else is shown this encoding";
}

TEST_F(ConnectionTest, NothingIsReadBeforeAuthentication) {
    gate.holds_authentication = true;
    connect();
    EXPECT_EQ(stream.pauses, 1);
    EXPECT_EQ(stream.deadline, lone.limits.handshake_timeout);
    EXPECT_EQ(stream.handler().receive_limit(), lone.limits.unauthenticated_packet);
    EXPECT_TRUE(stream.sent.empty()) << "the handshake's answer comes first";
    gate.finish_authentication();
    EXPECT_EQ(stream.pauses, 0);
    EXPECT_TRUE(stream.is_established);
    EXPECT_EQ(stream.deadline, 0s);
    EXPECT_EQ(stream.handler().receive_limit(), lone.limits.packet);
    EXPECT_EQ(answer_to(R"({"op":"publish","id":1,"topic":"t"})"), R"({"op":"ack","id":1})");
}

TEST_F(ConnectionTest, WhoIsNotAuthenticatedHearsIt) {
    gate.denial = "wrong password";
    connect();
    EXPECT_TRUE(stream.sent.empty());
    stream.handler().timed_out();
    EXPECT_EQ(as_text(stream.sent), R"({"op":"error","code":"not_authenticated","reason":"wrong password"})");
    EXPECT_EQ(stream.closed_as, CloseReason::not_authenticated);
    EXPECT_FALSE(gate.closed_as) << "there was no session";
}

TEST_F(ConnectionTest, WhoIsRefusedIsNotHeard) {
    auto made = std::make_unique<Connection>(stream, settings);
    made->refuse("no");
    stream.attach(std::move(made));
    EXPECT_EQ(answer_to(R"({"op":"publish","id":1,"topic":"t"})"), "");
    EXPECT_EQ(answer_to(R"({"op":"hello","id":1,"name":"n"})"), "");
    EXPECT_TRUE(gate.published.empty());
    EXPECT_FALSE(stream.moved_to);
    stream.handler().timed_out();
    EXPECT_EQ(stream.closed_as, CloseReason::not_authenticated);
}

TEST_F(ConnectionTest, WhatComesBeforeAuthenticationIsKept) {
    gate.holds_authentication = true;
    Connection& connection = connect();
    EXPECT_EQ(connection.received(as_bytes(R"({"op":"ping"})")), 0u);
    gate.finish_authentication();
    EXPECT_EQ(connection.received(as_bytes(R"({"op":"ping"})")), 13u);
    EXPECT_EQ(as_text(stream.sent), R"({"op":"pong"})");
}

TEST_F(ConnectionTest, AuthenticationHasItsTime) {
    gate.holds_authentication = true;
    connect();
    stream.handler().timed_out();
    EXPECT_EQ(stream.closed_as, CloseReason::handshake_timeout);
    gate.finish_authentication();
}

TEST_F(ConnectionTest, AClientThatGoesWhileItIsAuthenticated) {
    gate.holds_authentication = true;
    connect();
    stream.finish(CloseReason::connection_lost);
    gate.finish_authentication();
    EXPECT_EQ(gate.session, nullptr);
}

TEST_F(ConnectionTest, TheFirstFrameWaitsForTheVerdict) {
    gate.verdicts.holding = true;
    Connection& connection = connect();
    EXPECT_TRUE(gate.verdicts.asked.empty());
    const std::string frame = R"({"op":"publish","id":1,"topic":"t"})";
    EXPECT_EQ(connection.received(as_bytes(frame)), 0U);
    EXPECT_EQ(connection.received(as_bytes(frame)), 0U);
    EXPECT_EQ(gate.verdicts.asked, std::vector<std::string>{"connect "}) << "asked once";
    EXPECT_EQ(stream.pauses, 1);
    gate.verdicts.release();
    EXPECT_EQ(stream.pauses, 0);
    EXPECT_EQ(connection.received(as_bytes(frame)), frame.size());
    EXPECT_EQ(gate.session, &connection);
    EXPECT_EQ(gate.published.size(), 1U);
}

TEST_F(ConnectionTest, ANamedSessionWaitsForItsVerdictAtHome) {
    Connection& connection = connect();
    stream.receive(R"({"op":"hello","id":1,"name":"n"})");
    gate.verdicts.holding = true;
    stream.arrive(lone.core);
    EXPECT_EQ(gate.verdicts.asked, std::vector<std::string>{"connect "});
    EXPECT_EQ(gate.session, nullptr);
    EXPECT_EQ(stream.pauses, 1);
    EXPECT_EQ(connection.received(as_bytes(R"({"op":"ping"})")), 0U);
    gate.verdicts.release();
    EXPECT_EQ(gate.session, &connection);
    EXPECT_EQ(stream.pauses, 0);
    EXPECT_EQ(as_text(stream.sent), R"({"op":"ack","id":1})");
}

TEST_F(ConnectionTest, WhoGoesNeedsNoVerdict) {
    gate.verdicts.holding = true;
    connect().received(as_bytes(R"({"op":"publish","topic":"t"})"));
    stream.finish(CloseReason::connection_lost);
    gate.verdicts.release();
    EXPECT_EQ(gate.session, nullptr);
}

TEST_F(ConnectionTest, NothingIsReadWhileTheGateHoldsIt) {
    Connection& connection = connect();
    connection.hold(true);
    EXPECT_EQ(stream.pauses, 1);
    connection.hold(false);
    EXPECT_EQ(stream.pauses, 0);
}

TEST_F(ConnectionTest, TheFirstFrameOpensTheSession) {
    Connection& connection = connect();
    EXPECT_EQ(gate.session, nullptr);
    stream.receive(R"({"op":"subscribe","filter":"a/#","qos":1})");
    EXPECT_EQ(gate.session, &connection);
    EXPECT_EQ(gate.subscribed.at(0).filter, "a/#");
    EXPECT_EQ(gate.subscribed.at(0).options.max_qos, Qos::at_least_once);
    EXPECT_EQ(connection.name(), "");
    stream.finish(CloseReason::connection_lost);
    EXPECT_EQ(gate.closed_as, CloseReason::connection_lost);
}

TEST_F(ConnectionTest, ASessionThatMayNotOpenCloses) {
    gate.open_code = Errc::denied;
    connect();
    answer_to(R"({"op":"publish","topic":"t"})");
    EXPECT_EQ(stream.closed_as, CloseReason::not_authorized);
    EXPECT_TRUE(gate.published.empty());
    EXPECT_FALSE(gate.closed_as);
}

TEST_F(ConnectionTest, AnOverloadedGatewaySaysSo) {
    gate.open_code = Errc::overloaded;
    connect();
    stream.receive(R"({"op":"hello","name":"n"})");
    stream.arrive(lone.core);
    EXPECT_NE(as_text(stream.sent).find(R"("code":"overloaded")"), std::string::npos);
    EXPECT_EQ(stream.closed_as, CloseReason::overloaded);
}

TEST_F(ConnectionTest, OneOverItsQuotaIsToldSo) {
    gate.open_code = Errc::quota_exceeded;
    connect();
    stream.receive(R"({"op":"hello","name":"n"})");
    stream.arrive(lone.core);
    EXPECT_NE(as_text(stream.sent).find(R"("code":"quota_exceeded")"), std::string::npos);
    EXPECT_EQ(stream.closed_as, CloseReason::quota_exceeded);
}

TEST_F(ConnectionTest, HelloGoesHomeAndOpensThere) {
    Connection& connection = connect();
    EXPECT_EQ(answer_to(R"({"op":"hello","id":1,"name":"desk"})"), "");
    EXPECT_EQ(stream.moved_to, lone.core.home_of({}, "desk"));
    EXPECT_EQ(gate.session, nullptr);
    LoneCore home(CoreId{1}, 2);
    stream.arrive(home.core);
    EXPECT_EQ(as_text(stream.sent), R"({"op":"ack","id":1})");
    EXPECT_EQ(home.gate.session, &connection);
    EXPECT_EQ(connection.name(), "desk");
    answer_to(R"({"op":"publish","topic":"t"})");
    EXPECT_EQ(home.gate.published.size(), 1u);
    stream.finish(CloseReason::connection_lost);
}

TEST_F(ConnectionTest, HelloHearsHowADurableSessionOfThatNameIsOpened) {
    gate.open_code = Errc::name_kept;
    connect();
    stream.receive(R"({"op":"hello","name":"desk"})");
    stream.arrive(lone.core);
    EXPECT_NE(as_text(stream.sent).find(R"("code":"name_kept","reason":"a durable session has this name: `session` opens it")"), std::string::npos)
        << as_text(stream.sent);
    EXPECT_EQ(stream.closed_as, CloseReason::name_kept);
}

TEST_F(ConnectionTest, HelloAsksThatNothingKeptIsDiscarded) {
    connect();
    stream.receive(R"({"op":"hello","name":"desk"})");
    stream.arrive(lone.core);
    EXPECT_TRUE(gate.terms.spares_kept);
}

TEST_F(ConnectionTest, ABadNameLeavesTheSessionNameless) {
    connect();
    EXPECT_NE(answer_to(R"({"op":"hello","id":1,"name":"a/b"})").find(R"("id":1,"code":"bad_request")"), std::string::npos);
    EXPECT_FALSE(stream.moved_to);
    EXPECT_EQ(answer_to(R"({"op":"publish","id":2,"topic":"t"})"), R"({"op":"ack","id":2})");
}

TEST_F(ConnectionTest, PublishSendAndReply) {
    connect();
    EXPECT_EQ(answer_to(R"({"op":"publish","id":1,"topic":"t","data":"x","qos":1,"retain":true,"ttl":"5s","headers":{"a":"b"}})"), R"({"op":"ack","id":1})");
    EXPECT_EQ(answer_to(R"({"op":"send","topic":"t"})"), "");
    EXPECT_EQ(answer_to(R"({"op":"reply","reply_to":"$inbox/0/1","correlation":"c"})"), "");
    ASSERT_EQ(gate.published.size(), 3u);
    EXPECT_EQ(gate.published[0].payload, "x");
    EXPECT_EQ(gate.published[0].qos, Qos::at_least_once);
    EXPECT_TRUE(gate.published[0].retain);
    EXPECT_EQ(gate.published[0].ttl, 5s);
    EXPECT_EQ(gate.published[0].extras.headers.at(0).name, "a");
    EXPECT_EQ(gate.published[1].kind, Kind::send);
    EXPECT_EQ(gate.published[2].kind, Kind::reply);
    EXPECT_EQ(gate.published[2].topic, "$inbox/0/1");
}

TEST_F(ConnectionTest, ErrorsOfTheCoreAndOfTopics) {
    connect();
    gate.answer = Errc::denied;
    EXPECT_EQ(answer_to(R"({"op":"publish","id":1,"topic":"t"})"), R"({"op":"error","id":1,"code":"denied","reason":"the policy does not allow this"})");
    EXPECT_NE(answer_to(R"({"op":"subscribe","id":2,"filter":"t"})").find(R"("id":2,"code":"denied")"), std::string::npos);
    EXPECT_NE(answer_to(R"({"op":"unsubscribe","id":3,"filter":"t"})").find(R"("id":3,"code":"denied")"), std::string::npos);
    EXPECT_NE(answer_to(R"({"op":"publish","id":4,"topic":"a/#"})").find(R"("id":4,"code":"bad_topic")"), std::string::npos);
    EXPECT_NE(answer_to(R"({"op":"subscribe","id":5,"filter":"a/#/b"})").find(R"("id":5,"code":"bad_filter")"), std::string::npos);
    EXPECT_NE(answer_to(R"({"op":"unsubscribe","id":6,"filter":""})").find(R"("id":6,"code":"bad_filter")"), std::string::npos);
    EXPECT_FALSE(stream.closed_as) << "the connection goes on";
}

TEST_F(ConnectionTest, BadFramesAreCountedAndSurvived) {
    const Counter metric = counter("junctor_bad_input_total", "Input that broke its protocol, by protocol and reason", {{"protocol", "websocket"}, {"reason", "too_deep"}});
    connect();
    EXPECT_NE(answer_to(std::string(1'000'000, '[')).find(R"("code":"bad_request")"), std::string::npos);
    EXPECT_EQ(lone.metrics.read(metric.cell), 1);
    EXPECT_EQ(answer_to(R"({"op":"ping"})"), R"({"op":"pong"})");
}

TEST_F(ConnectionTest, RequestsAndTheirAnswers) {
    Connection& connection = connect();
    EXPECT_EQ(answer_to(R"({"op":"request","id":7,"topic":"t","data":"q","timeout":"5s"})"), "");
    ASSERT_EQ(gate.published.size(), 1u);
    EXPECT_EQ(gate.published[0].timeout, 5s);
    EXPECT_EQ(gate.published[0].kind, Kind::request);
    connection.answered(gate.published[0].token, envelope("$inbox/0/1", "a"));
    EXPECT_EQ(as_text(stream.sent), R"({"op":"reply","id":7,"data":"a"})");
}

TEST_F(ConnectionTest, ARequestWaitsNoLongerThanAllowed) {
    connect();
    EXPECT_NE(answer_to(R"({"op":"request","id":7,"topic":"t","timeout":61})").find("bad_request"), std::string::npos);
    answer_to(R"({"op":"request","id":8,"topic":"t"})");
    EXPECT_EQ(gate.published.at(0).timeout, 30s);
    gate.answer = Errc::timed_out;
    EXPECT_NE(answer_to(R"({"op":"request","id":9,"topic":"t"})").find(R"("id":9,"code":"timed_out")"), std::string::npos);
}

TEST_F(ConnectionTest, DeliveriesSmallAndLarge) {
    Connection& connection = connect();
    stream.receive(R"({"op":"subscribe","filter":"#"})");
    EXPECT_EQ(deliver(connection, envelope("a/b", "text")), DeliverResult::queued);
    EXPECT_EQ(deliver(connection, envelope("a", "x"), Qos::at_least_once, true), DeliverResult::queued);
    const std::string large(70'000, 'y');
    deliver(connection, envelope("a", large));
    ASSERT_EQ(stream.messages.size(), 3u);
    EXPECT_EQ(as_text(stream.messages[0]), R"({"op":"message","topic":"a/b","data":"text"})");
    EXPECT_EQ(as_text(stream.messages[1]), R"({"op":"message","qos":1,"retain":true,"topic":"a","data":"x"})");
    EXPECT_EQ(as_text(stream.messages[2]), R"({"op":"message","topic":"a","data":")" + large + R"("})");
}

TEST_F(ConnectionTest, AFullWireKeepsTheOrder) {
    Connection& connection = connect();
    stream.receive(R"({"op":"subscribe","filter":"#"})");
    stream.stalled = true;
    EXPECT_EQ(deliver(connection, envelope("a", "1")), DeliverResult::queued);
    EXPECT_EQ(deliver(connection, envelope("a", "2")), DeliverResult::queued);
    EXPECT_TRUE(stream.messages.empty());
    stream.stalled = false;
    deliver(connection, envelope("a", "3"));
    EXPECT_TRUE(stream.messages.empty()) << "not past those that wait";
    stream.unstall();
    ASSERT_EQ(stream.messages.size(), 3u);
    EXPECT_EQ(as_text(stream.messages[2]), R"({"op":"message","topic":"a","data":"3"})");
}

TEST_F(ConnectionTest, ASlowConsumerLosesQos0AndEndsAtQos1) {
    Connection& connection = connect();
    stream.receive(R"({"op":"subscribe","filter":"#"})");
    lone.limits.outbound_queue = 2'000;
    stream.stalled = true;
    DeliverResult result = DeliverResult::queued;
    for (int count = 0; count < 10 && result == DeliverResult::queued; ++count) result = deliver(connection, envelope("a", std::string(500, 'x')));
    EXPECT_EQ(result, DeliverResult::dropped_oldest);
    for (int count = 0; count < 10 && result != DeliverResult::refused; ++count)
        result = deliver(connection, envelope("a", std::string(500, 'x'), Qos::at_least_once), Qos::at_least_once);
    EXPECT_EQ(result, DeliverResult::refused);
    EXPECT_EQ(stream.closed_as, CloseReason::slow_consumer);
    EXPECT_EQ(gate.closed_as, CloseReason::slow_consumer);
    EXPECT_EQ(deliver(connection, envelope("a", "x")), DeliverResult::refused);
}

TEST_F(ConnectionTest, WhoDoesNotReadIsNotRead) {
    connect();
    stream.stalled = true;
    answer_to(R"({"op":"ping"})");
    EXPECT_EQ(stream.pauses, 1);
    stream.unstall();
    EXPECT_EQ(stream.pauses, 0);
}

TEST_F(ConnectionTest, OnlySoMuchWaitsForTheBackend) {
    Connection& connection = connect();
    gate.holds_answers = true;
    lone.limits.in_flight = 2;
    stream.receive(R"({"op":"publish","topic":"t"})");
    EXPECT_EQ(stream.pauses, 0);
    stream.receive(R"({"op":"publish","topic":"t"})");
    EXPECT_EQ(stream.pauses, 1);
    connection.settled(gate.published[0].token, {});
    EXPECT_EQ(stream.pauses, 0);
}

TEST_F(ConnectionTest, TheEndThatTheCoreWants) {
    Connection& connection = connect();
    stream.receive(R"({"op":"subscribe","filter":"#"})");
    stream.sent.clear();
    connection.close(CloseReason::taken_over, "opened elsewhere");
    EXPECT_EQ(as_text(stream.sent), R"({"op":"error","code":"taken_over","reason":"opened elsewhere"})");
    EXPECT_EQ(stream.closed_as, CloseReason::taken_over);
    EXPECT_EQ(gate.closed_as, CloseReason::taken_over);
    gate.closed_as.reset();
    stream.finish();
    EXPECT_FALSE(gate.closed_as) << "once only";
}

TEST_F(ConnectionTest, ADrainFirstHandsOverWhatWaits) {
    Connection& connection = connect();
    stream.receive(R"({"op":"subscribe","filter":"#"})");
    stream.stalled = true;
    deliver(connection, envelope("a", "1"));
    connection.drain();
    ASSERT_EQ(stream.messages.size(), 2u);
    EXPECT_EQ(as_text(stream.messages[0]), R"({"op":"message","topic":"a","data":"1"})");
    EXPECT_EQ(stream.closed_as, CloseReason::server_shutdown);
}

}  // namespace
}  // namespace junctor::websocket
