#include "tests/unit/connectors/mqtt/connection_fixture.hpp"

namespace junctor::mqtt {
namespace {

TEST_F(MqttConnection, StaysSmallAtRest) { EXPECT_LE(sizeof(Connection), 200U); }

TEST_F(MqttConnection, OpensANamedSessionAtItsHome) {
    answer_to(connect_v5);
    EXPECT_TRUE(stream.sent.empty());
    EXPECT_EQ(stream.moved_to, lone.core.home_of({}, "p"));
    EXPECT_EQ(gate.session, nullptr);
    stream.arrive(lone.core);
    EXPECT_EQ(to_hex(stream.sent), "2009000006" "22000A210014");
    EXPECT_EQ(gate.session, connection);
    EXPECT_EQ(connection->name(), "p");
    EXPECT_TRUE(stream.is_established);
    EXPECT_EQ(stream.deadline, 15s);
}

TEST_F(MqttConnection, TellsWhoComesAboveTheLimitThatTheServerIsBusy) {
    stream.is_surplus = true;
    const std::string answer = answer_to(connect_v5);
    EXPECT_EQ(answer.substr(4, 4), "0089");
    EXPECT_EQ(stream.closed_as, CloseReason::overloaded);
    EXPECT_TRUE(gate.credentials.empty());
}

TEST_F(MqttConnection, TellsWhoComesTooFastThatTheRateIsExceeded) {
    stream.is_surplus = stream.is_too_fast = true;
    EXPECT_EQ(answer_to(connect_v5).substr(4, 4), "009F");
    EXPECT_EQ(stream.closed_as, CloseReason::overloaded);
    EXPECT_TRUE(gate.credentials.empty());
}

TEST_F(MqttConnection, TellsAnOlderClientAboveTheLimitThatTheServerIsUnavailable) {
    stream.is_surplus = true;
    EXPECT_EQ(answer_to(connect_v3), "20020003");
    EXPECT_EQ(stream.closed_as, CloseReason::overloaded);
}

TEST_F(MqttConnection, ShowsTheGateWhatTheClientShowed) {
    answer_to("10 17 0004 4D515454 05 C2 000A 00 0001 70 0002 7573 0003 707764");
    ASSERT_EQ(gate.credentials.size(), 1U);
    const Credentials& shown = gate.credentials[0];
    EXPECT_EQ(shown.connector, "front");
    EXPECT_EQ(shown.client_id, "p");
    EXPECT_EQ(shown.user, "us");
    EXPECT_TRUE(shown.has_password);
    EXPECT_EQ(shown.password, "pwd");
    EXPECT_TRUE(shown.loopback);
}

TEST_F(MqttConnection, ShowsTheGateTheCertificateThatTlsHasVerified) {
    stream.remote.encrypted = true;
    stream.remote.certificate_subject = "CN=sensor";
    stream.remote.certificate_names = {"sensor.example"};
    stream.remote.server_name = "broker.example";
    answer_to(connect_v3);
    ASSERT_EQ(gate.credentials.size(), 1U);
    EXPECT_EQ(gate.credentials[0].certificate_subject, "CN=sensor");
    EXPECT_EQ(gate.credentials[0].certificate_names, std::vector<std::string>{"sensor.example"});
    EXPECT_FALSE(gate.credentials[0].has_password);
}

TEST_F(MqttConnection, LetsAnOpenClientProveAgainWhoItIs) {
    constexpr std::string_view connect_with_method = "10 16 0004 4D515454 05 02 000A 08 15 0001 6D 16 0001 64 0001 70";
    gate.holds_authentication = true;
    open(connect_with_method);
    EXPECT_EQ(gate.credentials[0].method, "m");
    gate.challenge();
    answer_to("F0 0A 18 08 15 0001 6D 16 0001 72");
    gate.finish_authentication();
    answer_to("");
    ASSERT_TRUE(stream.moved_to);
    stream.arrive(lone.core);
    ASSERT_EQ(gate.session, connection);
    const PrincipalRef before = connection->principal();

    answer_to("F0 0A 19 08 15 0001 6D 16 0001 64 C0 00");
    EXPECT_EQ(gate.credentials.size(), 2U);
    EXPECT_EQ(gate.credentials[1].client_id, "p");
    EXPECT_EQ(gate.credentials[1].method, "m");
    EXPECT_EQ(stream.pauses, 1);
    gate.challenge();
    EXPECT_EQ(answer_to(""), "F00618" "04" "1500016D" "D000") << "what came behind it is answered meanwhile";
    answer_to("F0 0A 18 08 15 0001 6D 16 0001 72");
    gate.finish_authentication();
    EXPECT_EQ(answer_to(""), "F00600" "04" "1500016D");
    EXPECT_NE(connection->principal(), before) << "as it is vouched for now";
    EXPECT_FALSE(stream.closed_as);
}

TEST_F(MqttConnection, NamesAVersion5ClientThatHasNoName) {
    const std::string connack = open("10 0D 0004 4D515454 05 02 000A 00 0000");
    EXPECT_TRUE(connection->name().starts_with("auto-"));
    EXPECT_EQ(lone.core.home_of({}, connection->name()), lone.core.id());
    EXPECT_NE(connack.find(to_hex(as_bytes(connection->name()))), std::string::npos);
}

TEST_F(MqttConnection, LeavesAnOlderClientWithoutANameWhereItIs) {
    EXPECT_EQ(answer_to("10 0C 0004 4D515454 04 02 000A 0000"), "20020000");
    EXPECT_FALSE(stream.moved_to);
    EXPECT_TRUE(connection->name().empty());
}

TEST_F(MqttConnection, KeepsWhatFollowsConnectUntilTheGateHasAnswered) {
    gate.holds_authentication = true;
    EXPECT_EQ(answer_to("10 0D 0004 4D515454 04 02 000A 0001 70  C0 00"), "");
    EXPECT_EQ(stream.pauses, 1);
    EXPECT_EQ(stream.unconsumed(), 17U);
    gate.finish_authentication();
    EXPECT_EQ(stream.pauses, 0);
    answer_to("");
    ASSERT_TRUE(stream.moved_to);
    stream.arrive(lone.core);
    EXPECT_EQ(to_hex(stream.sent), "20020000" "D000");
}

TEST_F(MqttConnection, CancelsAConversationWhoseClientHasGone) {
    gate.holds_authentication = true;
    answer_to(connect_v3);
    stream.finish(CloseReason::connection_lost);
    gate.finish_authentication();
    EXPECT_EQ(gate.session, nullptr);
    EXPECT_FALSE(gate.closed_as);
}

TEST_F(MqttConnection, ComesInWhenTheVerdictIsThere) {
    gate.verdicts.holding = true;
    answer_to("10 0D 0004 4D515454 04 02 000A 0001 70  C0 00");
    stream.arrive(lone.core);
    EXPECT_EQ(gate.verdicts.asked, std::vector<std::string>{"connect "});
    EXPECT_EQ(gate.session, nullptr);
    EXPECT_EQ(stream.pauses, 1);
    gate.verdicts.release();
    EXPECT_EQ(gate.session, connection);
    EXPECT_EQ(stream.pauses, 0);
    EXPECT_EQ(answer_to(""), "D000");
}

TEST_F(MqttConnection, AWillIsJudgedBeforeItIsLeft) {
    gate.verdicts.holding = true;
    // CONNECT with the will "w" on topic "t".
    answer_to("10 13 0004 4D515454 04 06 000A 0001 70 0001 74 0001 77");
    stream.arrive(lone.core);
    gate.verdicts.release();
    EXPECT_EQ(gate.verdicts.asked, (std::vector<std::string>{"connect ", "publish t"}));
    EXPECT_EQ(gate.session, nullptr);
    gate.verdicts.release();
    EXPECT_EQ(gate.session, connection);
    ASSERT_TRUE(gate.will);
    EXPECT_EQ(gate.will->topic, "t");
}

TEST_F(MqttConnection, NeedsNoVerdictWhenItHasGone) {
    gate.verdicts.holding = true;
    answer_to(connect_v3);
    stream.arrive(lone.core);
    stream.finish(CloseReason::connection_lost);
    gate.verdicts.release();
    EXPECT_EQ(gate.session, nullptr);
}

TEST_F(MqttConnection, ReadsNoFurtherWhileTheGateHoldsIt) {
    open(connect_v3);
    connection->hold(true);
    EXPECT_EQ(stream.pauses, 1);
    EXPECT_EQ(answer_to("C0 00"), "") << "not even what has been read already";
    EXPECT_EQ(stream.unconsumed(), 2U);
    connection->hold(false);
    EXPECT_EQ(stream.pauses, 0);
    EXPECT_EQ(answer_to(""), "D000");
}

TEST_F(MqttConnection, IsNotSilentWhileTheGateHoldsIt) {
    open(connect_v3);
    connection->hold(true);
    lone.advance(20s);
    stream.handler().timed_out();
    EXPECT_FALSE(stream.closed_as);
    connection->hold(false);
    stream.handler().timed_out();
    EXPECT_EQ(stream.closed_as, CloseReason::idle_timeout);
}

TEST_F(MqttConnection, TellsARefusedClient) {
    gate.denial = "wrong";
    EXPECT_EQ(answer_to(connect_v5), "200B0087" "08" "1F000577726F6E67");
    EXPECT_EQ(stream.closed_as, CloseReason::not_authorized);
}

TEST_F(MqttConnection, TellsAClientWhoseSessionIsNotOpened) {
    gate.open_code = Errc::overloaded;
    EXPECT_EQ(open(connect_v3), "20020003");
    EXPECT_EQ(stream.closed_as, CloseReason::overloaded);
    stream.finish();
    EXPECT_FALSE(gate.closed_as);
}

TEST_F(MqttConnection, EndsAHandshakeThatTakesTooLong) {
    EXPECT_EQ(stream.deadline, lone.limits.handshake_timeout);
    answer_to("10 0D 0004");
    connection->timed_out();
    EXPECT_EQ(stream.closed_as, CloseReason::handshake_timeout);
    EXPECT_TRUE(stream.sent.empty());
}

TEST_F(MqttConnection, TakesLittleFromStrangersAndMoreFromClients) {
    EXPECT_EQ(connection->receive_limit(), lone.limits.unauthenticated_packet);
    open(connect_v5);
    EXPECT_EQ(connection->receive_limit(), lone.limits.packet);
    EXPECT_EQ(answer_to("30 FFFFFF7F"), "E00195");
    EXPECT_EQ(stream.closed_as, CloseReason::too_large);
}

TEST_F(MqttConnection, RefusesALargeConnectBeforeItIsThere) {
    EXPECT_EQ(answer_to("10 FFFFFF7F"), "");
    EXPECT_EQ(stream.closed_as, CloseReason::too_large);
}

TEST_F(MqttConnection, ReadsPacketsInAnyPieces) {
    open(connect_v5);
    stream.sent.clear();
    const ByteBuffer bytes = hex("C0 00 30 05 0001 70 00 41 C0 00 82 07 1234 00 0001 70 01");
    for (const std::uint8_t byte : bytes) stream.receive(Bytes(&byte, 1));
    EXPECT_EQ(to_hex(stream.sent), "D000" "D000" "900412340001");
    ASSERT_EQ(gate.published.size(), 1U);
    EXPECT_EQ(gate.published[0].payload, "A");
}

TEST_F(MqttConnection, AnswersInOneGo) {
    open(connect_v3);
    EXPECT_EQ(answer_to("32 06 0001 74 0001 41 32 06 0001 74 0002 42 A2 05 0003 0001 74"), "40020001" "40020002" "B0020003");
    EXPECT_EQ(stream.unconsumed(), 0U);
}

TEST_F(MqttConnection, DeliversWithoutAHeadOfItsOwnWhatNeedsNone) {
    open(connect_v3);
    EXPECT_EQ(delivered(message("t", "m")), "3004" "000174" "6D");
    EXPECT_EQ(stream.messages.size(), 2U);
    stream.finish(CloseReason::connection_lost);
}

TEST_F(MqttConnection, DeliversByVersionAndQos) {
    open(connect_v3);
    EXPECT_EQ(delivered(message("t", "m", Qos::at_least_once), Qos::at_least_once), "3206" "000174" "0001" "6D");
    EXPECT_EQ(delivered(message("t", "m", Qos::exactly_once), Qos::exactly_once, true), "3506" "000174" "0002" "6D");
    EXPECT_EQ(delivered(message("t", "m"), Qos::at_most_once, true), "3104" "000174" "6D");
}

TEST_F(MqttConnection, DeliversPropertiesAndSubscriptionIdentifiers) {
    open(connect_v5);
    const std::uint32_t ids[] = {1, 128};
    EXPECT_EQ(delivered(message("t", "m")), "3005" "000174" "00" "6D");
    EXPECT_EQ(delivered(message("t", "m"), Qos::at_most_once, false, ids), "300A" "000174" "05" "0B01" "0B8001" "6D");
    const EnvelopePtr expiring = message("t", "m", Qos::at_least_once, 9s);
    EXPECT_EQ(delivered(expiring, Qos::at_least_once, false, ids), "3211" "000174" "0001" "0A" "0B01" "0B8001" "0200000009" "6D");
}

TEST_F(MqttConnection, SharesLargePayloads) {
    open(connect_v5);
    const std::string large(100'000, 'x');
    for (const Qos qos : {Qos::at_most_once, Qos::at_least_once}) {
        delivered(message("t", large, qos), qos);
        Frame frame = wire::frame_of(stream.sent);
        const Decoded<Publish> publish = decode_publish(frame, Version::v5, Sender::server);
        ASSERT_TRUE(publish);
        EXPECT_EQ(as_text(publish->payload), large);
        EXPECT_EQ(publish->topic, "t");
    }
}

TEST_F(MqttConnection, DeliversATopicThatFillsMoreThanATemplate) {
    open(connect_v5);
    const std::string topic(60'000, 't');
    const std::uint32_t ids[] = {5};
    for (const Qos qos : {Qos::at_most_once, Qos::at_least_once}) {
        delivered(message(topic, "m", qos), qos, qos != Qos::at_most_once, ids);
        const Decoded<Publish> publish = decode_publish(wire::frame_of(stream.sent), Version::v5, Sender::server);
        ASSERT_TRUE(publish);
        EXPECT_EQ(publish->topic, topic);
        EXPECT_EQ(as_text(publish->payload), "m");
        EXPECT_EQ(publish->properties.number(PropertyId::subscription_identifier, 0), 5U);
        EXPECT_EQ(publish->qos, static_cast<int>(qos));
    }
    EXPECT_EQ(delivered(message(topic, "m")).size(), 2 * (4 + 2 + topic.size() + 1 + 1));
}

TEST_F(MqttConnection, DropsWhatTheClientCannotTake) {
    open("10 13 0004 4D515454 05 02 000A 05 2700000014 0001 70");
    EXPECT_EQ(delivered(message("topic", "payloadpayload")), "");
    EXPECT_EQ(delivered(message("topic", "payload")), "300F" "0005746F706963" "00" "7061796C6F6164");
    EXPECT_FALSE(stream.closed_as);
}

TEST_F(MqttConnection, HoldsBackWhatTheWindowDoesNotAdmitAndKeepsTheOrder) {
    open("10 11 0004 4D515454 05 02 000A 03 210001 0001 70");  // Receive Maximum 1
    stream.sent.clear();
    deliver(message("t", "1", Qos::at_least_once), Qos::at_least_once);
    deliver(message("t", "2", Qos::at_least_once), Qos::at_least_once);
    deliver(message("t", "3"));
    EXPECT_EQ(to_hex(stream.sent), "3207" "000174" "0001" "00" "31");
    EXPECT_EQ(answer_to("40 02 0001"), "3207" "000174" "0002" "00" "32" "3005" "000174" "00" "33");
}

TEST_F(MqttConnection, HoldsBackWhatTheStreamDoesNotTake) {
    open(connect_v3);
    stream.sent.clear();
    stream.stalled = true;
    EXPECT_EQ(deliver(message("t", "1")), DeliverResult::queued);
    EXPECT_EQ(deliver(message("t", "2", Qos::at_most_once, 1s)), DeliverResult::queued);
    EXPECT_TRUE(stream.sent.empty());
    lone.advance(2s);
    stream.unstall();
    EXPECT_EQ(to_hex(stream.sent), "3004" "000174" "31");
}

TEST_F(MqttConnection, EndsASlowConsumer) {
    lone.limits.outbound_queue = 1'000;
    open(connect_v5);
    stream.stalled = true;
    stream.sent.clear();
    DeliverResult result = DeliverResult::queued;
    for (int i = 0; i < 100 && result == DeliverResult::queued; ++i)
        result = deliver(message("t", "m", Qos::at_least_once), Qos::at_least_once);
    EXPECT_EQ(result, DeliverResult::refused);
    EXPECT_EQ(stream.closed_as, CloseReason::slow_consumer);
    EXPECT_EQ(to_hex(stream.sent), "E00197");
    stream.finish();
    EXPECT_EQ(gate.closed_as, CloseReason::slow_consumer);
}

TEST_F(MqttConnection, SendsATopicOnceToAClientThatTakesAliases) {
    open("10 11 0004 4D515454 05 02 000A 03 220005 0001 70");  // Topic Alias Maximum 5
    EXPECT_EQ(delivered(message("topic", "a")), "300C" "0005746F706963" "03" "230001" "61");
    EXPECT_EQ(delivered(message("topic", "b")), "3007" "0000" "03" "230001" "62");
    const std::uint32_t ids[] = {5};
    EXPECT_EQ(delivered(message("topic", "c", Qos::at_least_once, 9s), Qos::at_least_once, true, ids),
              "3310" "0000" "0001" "0A" "230001" "0B05" "0200000009" "63");
    EXPECT_EQ(delivered(message("other", "d")), "300C" "00056F74686572" "03" "230002" "64");
}

TEST_F(MqttConnection, TellsNoAliasWithAMessageThatIsTooLarge) {
    open("10 16 0004 4D515454 05 02 000A 08 220005 2700000010 0001 70");  // Maximum Packet Size 16
    EXPECT_EQ(delivered(message("topic", "abcd")), "");
    EXPECT_EQ(delivered(message("topic", "a")), "300C" "0005746F706963" "03" "230002" "61");
    EXPECT_EQ(delivered(message("topic", "abcdefg")), "300D" "0000" "03" "230002" "61626364656667");
}

TEST_F(MqttConnection, SharesALargePayloadBehindAnAlias) {
    open("10 11 0004 4D515454 05 02 000A 03 220005 0001 70");
    const std::string large(100'000, 'x');
    const std::string topic(2'000, 't');
    for (int round = 0; round < 2; ++round) {
        delivered(message(topic, large));
        const Decoded<Publish> publish = decode_publish(wire::frame_of(stream.sent), Version::v5, Sender::server);
        ASSERT_TRUE(publish);
        EXPECT_EQ(publish->topic, round == 0 ? topic : "");
        EXPECT_EQ(as_text(publish->payload), large);
    }
}

TEST_F(MqttConnection, EndsWhoIsSilentForOneAndAHalfKeepAlives) {
    open(connect_v5);
    lone.advance(10s);
    answer_to("C0 00");
    lone.advance(5s);
    connection->timed_out();
    EXPECT_EQ(stream.deadline, 10s);
    EXPECT_FALSE(stream.closed_as);
    lone.advance(10s);
    stream.sent.clear();
    connection->timed_out();
    EXPECT_EQ(to_hex(stream.sent), "E0018D");
    EXPECT_EQ(stream.closed_as, CloseReason::idle_timeout);
}

TEST_F(MqttConnection, HandlesWhatFollowsASubscribeAfterIt) {
    open(connect_v5);
    gate.holds_answers = true;
    EXPECT_EQ(answer_to("82 07 1234 00 0001 70 00 30 05 0001 70 00 41"), "");
    EXPECT_EQ(stream.pauses, 1);
    EXPECT_TRUE(gate.published.empty());
    lone.advance(1h);
    connection->timed_out();
    EXPECT_FALSE(stream.closed_as) << "who is not read is not silent";
    connection->settled(gate.subscribed.at(0).token, Receipt{});
    EXPECT_EQ(stream.pauses, 0);
    EXPECT_EQ(answer_to(""), "");
    EXPECT_EQ(gate.published.size(), 1U);
}

TEST_F(MqttConnection, NeverTimesOutWithoutKeepAlive) {
    open("10 0D 0004 4D515454 04 02 0000 0001 70");
    EXPECT_EQ(stream.deadline, 0s);
}

TEST_F(MqttConnection, LeavesTheGateWhenItIsTakenOver) {
    open(connect_v5);
    stream.sent.clear();
    connection->close(CloseReason::taken_over, {});
    EXPECT_EQ(to_hex(stream.sent), "E0018E");
    EXPECT_EQ(gate.closed_as, CloseReason::taken_over);
    gate.closed_as.reset();
    stream.finish();
    EXPECT_FALSE(gate.closed_as);
}

TEST_F(MqttConnection, SaysGoodbyeWhenTheGatewayDrains) {
    open(connect_v5);
    stream.sent.clear();
    connection->drain();
    EXPECT_EQ(to_hex(stream.sent), "E0018B");
    EXPECT_EQ(stream.closed_as, CloseReason::server_shutdown);
}

TEST_F(MqttConnection, ReadsOnWhenTheGateHasCaughtUp) {
    lone.limits.in_flight = 1;
    gate.holds_answers = true;
    auto settings = Ref<Settings>(new Settings("front"));
    settings->rules.in_flight = 1;
    stream.finish(CloseReason::connection_lost);
    FakeStream other(lone.core);
    auto made = std::make_unique<Connection>(other, settings);
    Connection& held = *made;
    other.attach(std::move(made));
    other.receive(hex("10 0C 0004 4D515454 04 02 000A 0000"));
    other.receive(hex("32 05 0001 74 0001 C0 00"));
    EXPECT_EQ(other.pauses, 1);
    EXPECT_EQ(other.unconsumed(), 2U);
    held.settled(gate.published.back().token, Receipt{});
    EXPECT_EQ(other.pauses, 0);
    other.finish(CloseReason::connection_lost);
}

}  // namespace
}  // namespace junctor::mqtt
