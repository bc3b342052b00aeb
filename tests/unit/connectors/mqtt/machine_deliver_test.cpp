#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/open_client.hpp"

namespace junctor::mqtt {
namespace {

using wire::Log;
using wire::OpenClient;

TEST(MqttDelivery, FollowsTheHandshakesOfBothLevels) {
    OpenClient client(Version::v5, "03 210002");  // Receive Maximum 2
    EXPECT_TRUE(client.machine.takes(Qos::at_least_once));
    EXPECT_EQ(client.machine.begin(Qos::at_least_once), 1);
    EXPECT_EQ(client.machine.begin(Qos::exactly_once), 2);
    EXPECT_FALSE(client.machine.takes(Qos::at_least_once));
    EXPECT_TRUE(client.machine.takes(Qos::at_most_once));
    EXPECT_EQ(client.send("40 02 0001"), Log{});
    EXPECT_TRUE(client.machine.takes(Qos::at_least_once));
    EXPECT_EQ(client.send("50 02 0002"), Log{"62020002"});
    EXPECT_EQ(client.send("50 02 0002"), Log{"62020002"});
    EXPECT_EQ(client.send("70 02 0002"), Log{});
    EXPECT_EQ(client.send("70 02 0002"), Log{});
}

TEST(MqttDelivery, EndsAConnectionThatMixesTheHandshakesUp) {
    for (const char* wrong : {"50 02 0001", "70 02 0001", "40 02 0002", "70 02 0002"}) {
        OpenClient client(Version::v5);
        client.machine.begin(Qos::at_least_once);
        client.machine.begin(Qos::exactly_once);
        EXPECT_EQ(client.send(wrong), (Log{"E00182", "close protocol_error"})) << wrong;
    }
}

TEST(MqttDelivery, OverlooksAcknowledgementsOfNothing) {
    OpenClient client(Version::v5);
    EXPECT_EQ(client.send("40 02 0001"), Log{});
    EXPECT_EQ(client.send("50 02 0001"), Log{"62020001"});
    EXPECT_EQ(client.send("50 03 0001 80"), Log{});
    EXPECT_EQ(client.send("70 02 0001"), Log{});
}

TEST(MqttDelivery, EndsAQos2MessageThatTheClientRefuses) {
    OpenClient client(Version::v5, "03 210001");
    client.machine.begin(Qos::exactly_once);
    EXPECT_FALSE(client.machine.takes(Qos::exactly_once));
    EXPECT_EQ(client.send("50 03 0001 97"), Log{});
    EXPECT_TRUE(client.machine.takes(Qos::exactly_once));
}

TEST(MqttDurableDelivery, TellsTheGateWhatIsDone) {
    OpenClient client(Version::v5, "05 1100000001");
    EXPECT_EQ(client.machine.begin(Qos::at_least_once, 10), 11);
    EXPECT_EQ(client.machine.begin(Qos::at_least_once, 70'000), 4'466);
    EXPECT_EQ(client.send("40 02 1172"), Log{"done 70000"});
    EXPECT_EQ(client.send("40 03 000B 97"), Log{"done 10"}) << "a message that the client refused is not sent again";
    EXPECT_EQ(client.send("40 02 000B"), Log{});
}

TEST(MqttDurableDelivery, ReleasesAQos2MessageWhenThatStandsDurably) {
    OpenClient client(Version::v5, "05 1100000001");
    EXPECT_EQ(client.machine.begin(Qos::exactly_once, 1), 2);
    EXPECT_EQ(client.send("50 02 0002"), Log{"received 1"});
    EXPECT_EQ(client.send("50 02 0002"), Log{}) << "not yet";
    client.machine.released(7, client.actions);
    EXPECT_EQ(client.actions.take(), Log{});
    client.machine.released(1, client.actions);
    EXPECT_EQ(client.actions.take(), Log{"62020002"});
    client.machine.released(1, client.actions);
    EXPECT_EQ(client.actions.take(), Log{}) << "once";
    EXPECT_EQ(client.send("50 02 0002"), Log{"62020002"}) << "the client asks again";
    EXPECT_EQ(client.send("70 02 0002"), Log{"done 1"});
}

TEST(MqttDurableDelivery, ReleasesAtOnceWhereNothingIsStored) {
    OpenClient client(Version::v5, "05 1100000001");
    client.actions.release_at_once = true;
    client.machine.begin(Qos::exactly_once, 1);
    EXPECT_EQ(client.send("50 02 0002"), (Log{"received 1", "62020002"}));
}

TEST(MqttDurableDelivery, EndsAQos2MessageThatTheClientRefuses) {
    OpenClient client(Version::v5, "05 1100000001");
    client.machine.begin(Qos::exactly_once, 1);
    EXPECT_EQ(client.send("50 03 0002 80"), Log{"done 1"});
    EXPECT_EQ(client.send("70 02 0002"), Log{});
}

TEST(MqttDurableDelivery, EndsAConnectionThatCompletesTooEarly) {
    OpenClient client(Version::v5, "05 1100000001");
    client.machine.begin(Qos::exactly_once, 1);
    client.send("50 02 0002");
    EXPECT_EQ(client.send("70 02 0002"), (Log{"E00182", "close protocol_error"}));
}

TEST(MqttDurableDelivery, ReleasesWhatAnEarlierConnectionBrought) {
    OpenClient client(Version::v3_1_1);
    client.machine.release_again(5, client.actions);
    EXPECT_EQ(client.actions.take(), Log{"62020006"});
    EXPECT_EQ(client.send("50 02 0006"), Log{"62020006"});
    EXPECT_EQ(client.send("70 02 0006"), Log{"done 5"});
}

TEST(MqttDurableDelivery, CountsAgainstTheReceiveMaximum) {
    OpenClient client(Version::v5, "08 1100000001 210002");
    client.machine.begin(Qos::at_least_once, 1);
    client.machine.begin(Qos::exactly_once, 2);
    EXPECT_FALSE(client.machine.takes(Qos::at_least_once));
    EXPECT_TRUE(client.machine.takes(Qos::at_most_once));
    client.send("50 02 0003");
    EXPECT_FALSE(client.machine.takes(Qos::at_least_once));
    client.send("40 02 0002");
    EXPECT_TRUE(client.machine.takes(Qos::at_least_once));
}

TEST(MqttDurableDelivery, IgnoresWhatComesAfterTheEnd) {
    OpenClient client(Version::v5, "05 1100000001");
    client.machine.begin(Qos::exactly_once, 1);
    client.send("50 02 0002");
    client.machine.end(CloseReason::administrative, {}, client.actions);
    client.actions.take();
    client.machine.released(1, client.actions);
    client.machine.release_again(2, client.actions);
    EXPECT_EQ(client.actions.take(), Log{});
}

TEST(MqttTopicAliases, AreForClientsThatTakeThem) {
    const Topic topic = *Topic::parse({}, "long/topic");
    OpenClient without(Version::v5);
    EXPECT_EQ(without.machine.alias_for(topic).number, 0);
    OpenClient client(Version::v5, "03 220001");  // Topic Alias Maximum 1
    EXPECT_EQ(client.machine.alias_for(*Topic::parse({}, "t")).number, 0) << "too short to gain by it";
    EXPECT_EQ(client.machine.alias_for(topic).number, 1);
    EXPECT_TRUE(client.machine.alias_for(topic).known);
    client.machine.forget_alias(1);
    EXPECT_FALSE(client.machine.alias_for(topic).known);
}

}  // namespace
}  // namespace junctor::mqtt
