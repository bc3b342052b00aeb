#include "connectors/mqtt/mapping.hpp"

#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {
namespace {

using enum ReasonCode;

TEST(MqttMapping, GivesEveryCloseReasonADisconnectReason) {
    const std::pair<CloseReason, ReasonCode> table[] = {
        {CloseReason::normal, success},
        {CloseReason::connection_lost, unspecified_error},
        {CloseReason::malformed, malformed_packet},
        {CloseReason::protocol_error, protocol_error},
        {CloseReason::too_large, packet_too_large},
        {CloseReason::handshake_timeout, maximum_connect_time},
        {CloseReason::idle_timeout, keep_alive_timeout},
        {CloseReason::not_authenticated, not_authorized},
        {CloseReason::not_authorized, not_authorized},
        {CloseReason::taken_over, session_taken_over},
        {CloseReason::slow_consumer, quota_exceeded},
        {CloseReason::quota_exceeded, quota_exceeded},
        {CloseReason::overloaded, server_busy},
        {CloseReason::server_shutdown, server_shutting_down},
        {CloseReason::administrative, administrative_action},
        {CloseReason::name_kept, session_taken_over},
        {CloseReason::internal_error, unspecified_error},
    };
    static_assert(std::size(table) == close_reason_count);
    for (const auto& [reason, expected] : table) EXPECT_EQ(to_disconnect_reason(reason), expected) << to_string(reason);
}

TEST(MqttMapping, GivesEveryErrorAnAnswer) {
    struct Row {
        Errc code;
        ReasonCode publish, subscribe, connack;
    };
    const Row rows[] = {
        {Errc::ok, success, success, success},
        {Errc::bad_topic, topic_name_invalid, topic_filter_invalid, topic_name_invalid},
        {Errc::bad_filter, unspecified_error, topic_filter_invalid, unspecified_error},
        {Errc::bad_request, unspecified_error, unspecified_error, unspecified_error},
        {Errc::denied, not_authorized, not_authorized, not_authorized},
        {Errc::no_receivers, no_matching_subscribers, unspecified_error, unspecified_error},
        {Errc::expired, no_matching_subscribers, unspecified_error, unspecified_error},
        {Errc::timed_out, unspecified_error, unspecified_error, unspecified_error},
        {Errc::too_large, quota_exceeded, unspecified_error, unspecified_error},
        {Errc::quota_exceeded, quota_exceeded, quota_exceeded, quota_exceeded},
        {Errc::overloaded, quota_exceeded, quota_exceeded, server_busy},
        {Errc::unavailable, implementation_specific_error, implementation_specific_error, server_unavailable},
        {Errc::unsupported, implementation_specific_error, implementation_specific_error, unspecified_error},
        {Errc::name_kept, unspecified_error, unspecified_error, client_identifier_not_valid},
        {Errc::shutting_down, implementation_specific_error, implementation_specific_error, server_unavailable},
    };
    static_assert(std::size(rows) == static_cast<std::size_t>(Errc::shutting_down) + 1);
    for (const Row& row : rows) {
        EXPECT_EQ(to_publish_reason(row.code), row.publish) << to_string(row.code);
        EXPECT_EQ(to_subscribe_reason(row.code), row.subscribe) << to_string(row.code);
        EXPECT_EQ(to_connack_reason(row.code), row.connack) << to_string(row.code);
        // What we answer, our own decoder takes.
        const SmallPacket puback = encode_ack(PacketType::puback, 1, row.publish, Version::v5);
        EXPECT_TRUE(decode_ack(wire::frame_of(puback.view()), Version::v5)) << to_string(row.code);
    }
    EXPECT_EQ(to_unsubscribe_reason(Errc::bad_filter), no_subscription_existed);
    EXPECT_EQ(to_unsubscribe_reason(Errc::ok), success);
}

TEST(MqttMapping, KnowsTheReturnCodesOfOlderVersions) {
    const std::pair<ReasonCode, std::uint8_t> table[] = {
        {success, 0}, {unsupported_protocol_version, 1}, {client_identifier_not_valid, 2}, {server_unavailable, 3}, {server_busy, 3},
        {bad_user_name_or_password, 4}, {not_authorized, 5}, {banned, 5}, {quota_exceeded, 3},
    };
    for (const auto& [reason, code] : table) {
        EXPECT_EQ(to_connack_code(reason, Version::v3_1_1), code);
        EXPECT_EQ(to_connack_code(reason, Version::v3_1), code);
        EXPECT_EQ(to_connack_code(reason, Version::v5), static_cast<std::uint8_t>(reason));
    }
}

TEST(MqttMapping, KnowsSharedSubscriptions) {
    EXPECT_FALSE(is_shared("$share"));
    EXPECT_FALSE(is_shared("share/a/b"));
    EXPECT_TRUE(is_shared("$share/"));
    EXPECT_TRUE(is_well_formed_shared("$share/g/a/#"));
    for (const char* bad : {"$share/", "$share/g", "$share/g/", "$share//a", "$share/g+/a", "$share/#/a"})
        EXPECT_FALSE(is_well_formed_shared(bad)) << bad;
}

/// Properties of a publish, through an envelope, back to properties.
std::string through(std::string_view properties, Duration passed = Duration::zero()) {
    const ByteBuffer block = wire::hex(properties);
    Draft draft;
    draft.topic = *Topic::parse({}, "t");
    EXPECT_EQ(read_properties_into(draft, Properties(Bytes(block)), 10), Errc::ok);
    const TimePoint start{std::chrono::hours(1)};
    const EnvelopePtr envelope = Envelope::make(std::move(draft), {{}, {}, nullptr, start});
    return wire::to_hex(to_properties(*envelope, start + passed));
}

TEST(MqttMapping, PropertiesPassThroughUnchanged) {
    for (const char* same : {"", "0101", "0200000001", "03000174", "08000172", "090003000102", "2600016B000176" "2600016B000177",
                             "01010200000009030001740800017209000163" "2600016B000176"})
        EXPECT_EQ(through(same), same);
}

TEST(MqttMapping, CountsTheSecondsThatAMessageHasLeft) {
    EXPECT_EQ(through("020000000A", std::chrono::milliseconds(1)), "020000000A");
    EXPECT_EQ(through("020000000A", std::chrono::milliseconds(9'001)), "0200000001");
    EXPECT_EQ(through("020000000A", std::chrono::seconds(11)), "0200000000");
}

TEST(MqttMapping, TakesTheTraceOutOfTheHeadersAndPutsItBack) {
    const ByteBuffer block = wire::hex("26 000B 7472616365706172656E74 0003 30302D");
    Draft draft;
    ASSERT_EQ(read_properties_into(draft, Properties(Bytes(block)), 10), Errc::ok);
    EXPECT_EQ(draft.extras->trace, "00-");
    EXPECT_TRUE(draft.extras->headers.empty());
    EXPECT_EQ(through("26000B7472616365706172656E74000330302D"), "26000B7472616365706172656E74000330302D");
}

TEST(MqttMapping, LeavesOutHeadersThatMqttCannotCarry) {
    Draft draft;
    draft.extras = std::make_unique<Extras>();
    draft.extras->headers = {{"a", "line\nbreak"}, {"b", "ok"}, {std::string("c\0", 2), "x"}, {"d", "\xFF"}};
    const EnvelopePtr envelope = Envelope::make(std::move(draft), {});
    EXPECT_EQ(wire::to_hex(to_properties(*envelope, {})), "26000162" "00026F6B");
}

// Threat 19: a subscriber that counts on positions, and a bridge on hops, hear of them from the gateway alone.
TEST(Threat19, HeadersBearNoNameByWhichTheGatewaySpeaks) {
    Draft draft;
    draft.extras = std::make_unique<Extras>();
    draft.extras->headers = {{std::string(history_property), "9f86d081884c7d65-7"}, {"b", "ok"}, {std::string(hops_property), "one"}};
    const EnvelopePtr envelope = Envelope::make(std::move(draft), {});
    EXPECT_EQ(wire::to_hex(to_properties(*envelope, {})), "26000162" "00026F6B");
}

TEST(MqttMapping, RefusesTooManyHeaders) {
    const ByteBuffer block = wire::hex("26 0000 0000 26 0000 0000");
    Draft draft;
    EXPECT_EQ(read_properties_into(draft, Properties(Bytes(block)), 1), Errc::quota_exceeded);
}

TEST(MqttMapping, OlderVersionsHaveNoOptions) {
    const Filter filter{"a", 0x2D};
    EXPECT_EQ(to_options(filter, {}, Version::v5), (SubscribeOptions{0, Qos::at_least_once, RetainHandling::never, true, true}));
    const SubscribeOptions plain{0, Qos::at_least_once, RetainHandling::send, false, false};
    EXPECT_EQ(to_options(Filter{"a", 1}, {}, Version::v3_1_1), plain);
}

}  // namespace
}  // namespace junctor::mqtt
