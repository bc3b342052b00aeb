// Histories in MQTT 5.0: user properties of SUBSCRIBE, SUBACK and PUBLISH.

#include <array>

#include "connectors/mqtt/client_mapping.hpp"
#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"
#include "tests/unit/connectors/mqtt/connection_fixture.hpp"
#include "tests/unit/connectors/mqtt/open_client.hpp"

namespace junctor::mqtt {
namespace {

using From = HistoryStart::From;
using wire::Log;
using wire::OpenClient;

constexpr std::uint64_t epoch = 0x9f86d081884c7d65;

/// A property block with its length in front, as hexadecimal.
std::string history_property_hex(std::string_view value) {
    ByteBuffer block;
    PropertyWriter(block).user(history_property, value);
    ByteBuffer sized{static_cast<std::uint8_t>(block.size())};
    append(sized, Bytes(block));
    return wire::to_hex(sized);
}

ByteBuffer subscribe_packet(std::string_view value) { return wire::packet(0x82, "1234" + history_property_hex(value) + "0001 61 00  0001 62 01"); }

TEST(MqttHistory, SubscribesBehindAPosition) {
    OpenClient client(Version::v5);
    EXPECT_FALSE(client.machine.shows_positions());
    EXPECT_EQ(client.send(subscribe_packet("9f86d081884c7d65-17")), Log{"subscribe 2"});
    for (const SubscribeRequest& each : client.actions.requests) EXPECT_EQ(each.start, (HistoryStart{From::after, {epoch, 17}}));
    EXPECT_TRUE(client.machine.shows_positions());
    client.send(subscribe_packet("first"));
    OpenClient other(Version::v5);
    other.send(subscribe_packet("now"));
    EXPECT_EQ(other.actions.requests[0].start, (HistoryStart{From::now, {}}));
}

TEST(MqttHistory, SubackTellsHowMuchIsThereForEachFilter) {
    OpenClient client(Version::v5);
    client.send(subscribe_packet("first"));
    const std::array each{Errc::ok, Errc::ok};
    const std::array outcomes{HistoryOutcome{Resumption::gap, {epoch, 17}}, HistoryOutcome{Resumption::none, {}}};
    const Log log = client.settle(client.actions.last_token, {Errc::ok, 0, {}, each, outcomes});
    ASSERT_EQ(log.size(), 1U);
    ByteBuffer block;
    PropertyWriter(block).user(history_property, "gap 9f86d081884c7d65-17").user(history_property, "none");
    EXPECT_NE(log[0].find(wire::to_hex(block) + "0001"), std::string::npos) << log[0];
    EXPECT_EQ(to_outcome(Properties(Bytes(block))), outcomes[0]);
}

TEST(MqttHistory, SubackStaysWithinWhatTheClientTakes) {
    OpenClient client(Version::v5, "05 2700000060");  // Maximum Packet Size 96
    client.send(wire::packet(0x82, "1234" + history_property_hex("first") + "0001 61 00"));
    const std::array each{Errc::ok};
    const std::array outcomes{HistoryOutcome{Resumption::exact, {epoch, 17}}};
    EXPECT_EQ(client.settle(client.actions.last_token, {Errc::ok, 0, {}, each, outcomes}), Log{"900412340000"});
}

TEST(MqttHistory, AValueThatMeansNothingIsRefusedInWords) {
    OpenClient client(Version::v5);
    const Log log = client.send(subscribe_packet("yesterday"));
    ASSERT_EQ(log.size(), 1U);
    EXPECT_TRUE(log[0].ends_with("8080")) << log[0];
    ByteBuffer words;
    append(words, std::string_view("junctor-history must be"));
    EXPECT_NE(log[0].find(wire::to_hex(words)), std::string::npos);
}

TEST_F(MqttConnection, AMessageShowsItsPlaceOnlyToAClientThatHasAsked) {
    open(connect_v5);
    const EnvelopePtr kept = message("a", "x");
    kept->place_in_history({epoch, 5});
    const std::string plain = delivered(kept);
    EXPECT_EQ(plain, "300500016100" "78");
    gate.outcomes = {{Resumption::exact, {epoch, 0}}, {Resumption::exact, {epoch, 0}}};
    answer_to(to_hex(subscribe_packet("first")));
    ByteBuffer block;
    PropertyWriter(block).user(history_property, "9f86d081884c7d65-5");
    EXPECT_NE(delivered(kept).find(to_hex(block)), std::string::npos);
    EXPECT_EQ(delivered(message("a", "in no history")).find(to_hex(block).substr(0, 20)), std::string::npos);
}

TEST_F(MqttConnection, OlderVersionsSeeNothingOfIt) {
    open(connect_v3);
    const EnvelopePtr kept = message("a", "x");
    kept->place_in_history({epoch, 5});
    EXPECT_EQ(delivered(kept), "3004000161" "78");
}

}  // namespace
}  // namespace junctor::mqtt
