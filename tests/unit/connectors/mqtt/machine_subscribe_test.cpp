#include <gtest/gtest.h>

#include <array>

#include "tests/unit/connectors/mqtt/open_client.hpp"

namespace junctor::mqtt {
namespace {

using wire::Log;
using wire::OpenClient;

TEST(MqttSubscribe, AsksTheGateAndGrantsWhatWasAskedFor) {
    OpenClient client(Version::v5);
    EXPECT_EQ(client.send("82 0F 1234 02 0B7F 0001 61 2D 0003 622F23 02"), Log{"subscribe 2"});
    const auto& requests = client.actions.requests;
    EXPECT_EQ(requests[0].filter.text(), "a");
    EXPECT_EQ(requests[0].options, (SubscribeOptions{127, Qos::at_least_once, RetainHandling::never, true, true}));
    EXPECT_EQ(requests[1].filter.text(), "b/#");
    EXPECT_EQ(requests[1].options, (SubscribeOptions{127, Qos::exactly_once, RetainHandling::send, false, false}));
    const std::array each{Errc::ok, Errc::ok};
    EXPECT_EQ(client.settle(client.actions.last_token, {Errc::ok, 0, {}, each}), Log{"90051234000102"});
}

TEST(MqttSubscribe, RefusesFilterByFilter) {
    // a, a/#/b, $share/g/x, c, d
    const std::string filters = "0001 61 00  0005 612F232F62 00  000A 2473686172652F672F78 00  0001 63 01  0001 64 01";
    const std::array each{Errc::denied, Errc::unsupported, Errc::ok, Errc::quota_exceeded};
    OpenClient client(Version::v5);
    EXPECT_EQ(client.send(wire::packet(0x82, "1234 00" + filters)), Log{"subscribe 4"});
    EXPECT_EQ(client.settle(client.actions.last_token, {Errc::ok, 0, "no", each}), Log{"900D1234" "05" "1F00026E6F" "878F9E0197"});
    OpenClient old(Version::v3_1_1);
    EXPECT_EQ(old.send(wire::packet(0x82, "1234" + filters)), Log{"subscribe 4"});
    EXPECT_EQ(old.settle(old.actions.last_token, {Errc::ok, 0, "no", each}), Log{"90071234" "8080800180"});
}

TEST(MqttSubscribe, AsksForAShareOfAGroup) {
    for (const Version version : {Version::v3_1_1, Version::v5}) {
        OpenClient client(version);
        const std::string properties = version == Version::v5 ? "00" : "";
        EXPECT_EQ(client.send(wire::packet(0x82, "1234" + properties + "000A 2473686172652F672F78 01")), Log{"subscribe 1"});
        EXPECT_EQ(client.actions.requests[0].filter.group(), "g");
        EXPECT_EQ(client.actions.requests[0].filter.text(), "x");
    }
}

TEST(MqttSubscribe, LeavesTheSentenceOutWhereThereIsNoRoomForIt) {
    OpenClient client(Version::v5, "05 2700000060");  // Maximum Packet Size 96
    client.send("82 07 1234 00 0001 61 00");
    const std::array each{Errc::denied};
    const std::string sentence(40, 'x');
    EXPECT_EQ(client.settle(client.actions.last_token, {Errc::ok, 0, sentence, each}), Log{"900412340087"});
}

TEST(MqttSubscribe, AnswersAtOnceWhenThereIsNothingToAsk) {
    OpenClient client(Version::v5);
    EXPECT_EQ(client.send("82 0B 1234 00 0005 612F232F62 00"), Log{"90041234008F"});
}

TEST(MqttSubscribe, SettlesWithOneCodeForAll) {
    OpenClient client(Version::v5);
    client.send("82 0B 1234 00 0001 61 00 0001 62 00");
    EXPECT_EQ(client.settle(client.actions.last_token, {Errc::unavailable, 0, {}, {}}), Log{"90051234008383"});
}

TEST(MqttSubscribe, LimitsTheFiltersOfOnePacket) {
    Machine::Rules rules;
    rules.filters_per_packet = 1;
    OpenClient client(Version::v5, "", rules);
    EXPECT_EQ(client.send("82 0B 1234 00 0001 61 00 0001 62 00"), (Log{"E00197", "close quota_exceeded"}));
    OpenClient other(Version::v5, "", rules);
    EXPECT_EQ(other.send("A2 09 1234 00 0001 61 0001 62"), (Log{"E00197", "close quota_exceeded"}));
}

TEST(MqttUnsubscribe, SaysWhatWasThere) {
    OpenClient client(Version::v5);
    EXPECT_EQ(client.send("A2 09 1234 00 0001 61 0001 62"), Log{"unsubscribe 2"});
    const std::array each{Errc::ok, Errc::bad_filter};
    EXPECT_EQ(client.settle(client.actions.last_token, {Errc::ok, 0, {}, each}), Log{"B0051234000011"});
    OpenClient old(Version::v3_1_1);
    old.send("A2 08 1234 0001 61 0001 62");
    EXPECT_EQ(old.settle(old.actions.last_token, {Errc::ok, 0, {}, each}), Log{"B0021234"});
}

TEST(MqttSubscribe, TakesNoPacketWhileASubscriptionIsUnderWay) {
    OpenClient client(Version::v3_1_1);
    client.send("82 06 0001 0001 61 01");
    EXPECT_FALSE(client.machine.reads());
    const Token token = client.actions.last_token;
    EXPECT_EQ(client.settle(Token{token.value + 1}, {}), Log{});
    EXPECT_EQ(client.settle(token, {}), Log{"9003000101"});
    EXPECT_TRUE(client.machine.reads());
    EXPECT_EQ(client.settle(token, {}), Log{});
}

}  // namespace
}  // namespace junctor::mqtt
