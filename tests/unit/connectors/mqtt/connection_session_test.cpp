// What a connection keeps beyond itself: durable sessions, groups, wills.

#include "tests/unit/connectors/mqtt/connection_fixture.hpp"

namespace junctor::mqtt {
namespace {

constexpr std::string_view connect_durable = "10 16 0004 4D515454 05 00 000A 08 110000000A 210002 0001 70";  // Receive Maximum 2

TEST_F(MqttConnection, OpensADurableSessionAndAsksForItsMessagesBehindConnack) {
    gate.found.resumed = true;
    gate.found.unreleased = {7};
    EXPECT_EQ(open(connect_durable), "2009010006" "22000A210014");
    EXPECT_EQ(gate.terms.expiry, 10s);
    EXPECT_FALSE(gate.terms.clean_start);
    EXPECT_EQ(gate.ready_calls, 1);
    EXPECT_EQ(answer_to("34 06 0001 74 0007 00"), "50020007");
    EXPECT_TRUE(gate.published.empty());
    EXPECT_EQ(answer_to("62 02 0007"), "70020007");
    EXPECT_EQ(gate.released, std::vector<std::uint16_t>{7});
}

TEST_F(MqttConnection, DeliversUnderTheIdentifierOfTheSequence) {
    open(connect_durable);
    EXPECT_EQ(durably_delivered(message("t", "m"), Qos::at_least_once, 1), "3207" "000174" "0002" "00" "6D");
    EXPECT_EQ(durably_delivered(message("t", "m"), Qos::exactly_once, 65'535, Repeat::maybe), "3C07" "000174" "0001" "00" "6D");
    EXPECT_EQ(answer_to("40 02 0002"), "");
    EXPECT_EQ(answer_to("50 02 0001"), "");
    connection->released(65'535);
    EXPECT_EQ(to_hex(stream.sent), "62020001");
    EXPECT_EQ(answer_to("70 02 0001"), "");
    const std::vector<std::pair<std::uint64_t, Progress>> expected{
        {1, Progress::done}, {65'535, Progress::received}, {65'535, Progress::done}};
    EXPECT_EQ(gate.acknowledged, expected);
}

TEST_F(MqttConnection, ReleasesWhatTheClientHadBefore) {
    open(connect_durable);
    EXPECT_EQ(durably_delivered(nullptr, Qos::exactly_once, 3, Repeat::release), "62020004");
    EXPECT_EQ(answer_to("70 02 0004"), "");
    EXPECT_EQ(gate.acknowledged.back(), (std::pair<std::uint64_t, Progress>{3, Progress::done}));
}

TEST_F(MqttConnection, AcceptsAsMuchAsTheWindowAdmitsAndSaysWhenItOpens) {
    EXPECT_FALSE(connection->accepts(Qos::at_least_once)) << "not open yet";
    open(connect_durable);
    EXPECT_TRUE(connection->accepts(Qos::at_least_once));
    durably_delivered(message("t", "m"), Qos::at_least_once, 1);
    durably_delivered(message("t", "m"), Qos::at_least_once, 2);
    const int before = gate.ready_calls;
    answer_to("C0 00");
    EXPECT_EQ(gate.ready_calls, before) << "it refused nothing";
    EXPECT_FALSE(connection->accepts(Qos::at_least_once));
    answer_to("C0 00");
    EXPECT_EQ(gate.ready_calls, before) << "nothing has changed";
    answer_to("40 02 0002 40 02 0003");
    EXPECT_EQ(gate.ready_calls, before + 1);
    EXPECT_TRUE(connection->accepts(Qos::at_least_once));
}

TEST_F(MqttConnection, AcceptsNothingWhileTheStreamIsFullOrSomethingWaits) {
    open(connect_durable);
    stream.stalled = true;
    EXPECT_FALSE(connection->accepts(Qos::at_least_once));
    EXPECT_EQ(deliver(message("t", "0")), DeliverResult::queued);
    const int before = gate.ready_calls;
    stream.sent.clear();
    stream.unstall();
    EXPECT_EQ(to_hex(stream.sent), "3005" "000174" "00" "30");
    EXPECT_EQ(gate.ready_calls, before + 1);
}

TEST_F(MqttConnection, CountsADurableMessageThatIsTooLargeAsDone) {
    open("10 18 0004 4D515454 05 00 000A 0A 110000000A 2700000014 0001 70");
    EXPECT_EQ(durably_delivered(message("topic", "payloadpayload"), Qos::at_least_once, 4), "");
    EXPECT_EQ(gate.acknowledged.back(), (std::pair<std::uint64_t, Progress>{4, Progress::done}));
    EXPECT_TRUE(connection->accepts(Qos::at_least_once));
}

TEST_F(MqttConnection, ChangesTheExpiryWhenTheClientSaysSo) {
    open(connect_durable);
    answer_to("E0 07 00 05 1100000063");
    EXPECT_EQ(gate.terms.expiry, 99s);
    EXPECT_EQ(stream.closed_as, CloseReason::normal);
}

TEST_F(MqttConnection, HandsBackWhatItsGroupsMayGiveToOthers) {
    open("10 11 0004 4D515454 05 02 000A 03 210003 0001 70");  // Receive Maximum 3
    const Ref<const SharedGroup> group(new SharedGroup(*TopicFilter::parse({}, "$share/g/t")));
    const auto share = [&](std::string_view payload, Qos qos, const SharedGroup* by) {
        const EnvelopePtr envelope = message("t", payload, qos);
        Template encoded;
        connection->encode(*envelope, connection->variant({}), encoded);
        connection->deliver({envelope, encoded, qos, false, {}, 0, Repeat::no, by});
    };
    share("acknowledged", Qos::at_least_once, group.get());
    share("sent", Qos::at_least_once, group.get());
    share("sent twice", Qos::exactly_once, group.get());
    answer_to("40 02 0001");
    share("its own", Qos::at_least_once, nullptr);
    share("waits", Qos::exactly_once, group.get());
    share("waits too", Qos::at_least_once, group.get());
    const std::vector<HandedBack> back = connection->hand_back();
    ASSERT_EQ(back.size(), 3U);
    EXPECT_EQ(as_text(back[0].envelope->payload()), "sent");
    EXPECT_EQ(as_text(back[1].envelope->payload()), "waits");
    EXPECT_EQ(as_text(back[2].envelope->payload()), "waits too");
    for (const HandedBack& one : back) EXPECT_EQ(one.group.get(), group.get());
}

constexpr std::string_view with_will = "10 15 0004 4D515454 04 0E 000A 0001 70 0001 77 0003 627965";

TEST_F(MqttConnection, LeavesItsWillWithTheGate) {
    EXPECT_EQ(open(with_will), "20020000");
    ASSERT_NE(gate.will, nullptr);
    EXPECT_EQ(gate.will->topic, "w");
    EXPECT_EQ(as_text(gate.will->payload), "bye");
    EXPECT_EQ(gate.will->draft.qos, Qos::at_least_once);
    stream.finish(CloseReason::connection_lost);
    EXPECT_NE(gate.will, nullptr);
    EXPECT_EQ(gate.closed_as, CloseReason::connection_lost);
    EXPECT_TRUE(gate.published.empty()) << "the gate publishes it";
}

TEST_F(MqttConnection, TakesItsWillBackWhenTheClientSaysGoodbye) {
    open(with_will);
    answer_to("E0 00");
    EXPECT_EQ(gate.will, nullptr);
    EXPECT_EQ(stream.closed_as, CloseReason::normal);
    stream.finish();
    EXPECT_EQ(gate.closed_as, CloseReason::normal);
}

TEST_F(MqttConnection, DoesNotLetInWhoseWillIsDenied) {
    gate.will_code = Errc::denied;
    EXPECT_EQ(open(with_will), "20020005");
    EXPECT_EQ(stream.closed_as, CloseReason::not_authorized);
    EXPECT_EQ(gate.session, nullptr);
    EXPECT_EQ(gate.closed_as, CloseReason::not_authorized);
    EXPECT_EQ(gate.ready_calls, 0);
}

TEST_F(MqttConnection, LeavesNoWillOfWhoWasNeverLetIn) {
    gate.open_code = Errc::denied;
    open(with_will);
    stream.finish();
    EXPECT_EQ(gate.will, nullptr);
}

}  // namespace
}  // namespace junctor::mqtt
