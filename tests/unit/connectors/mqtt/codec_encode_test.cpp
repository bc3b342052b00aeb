#include <gtest/gtest.h>

#include "connectors/mqtt/property_writer.hpp"
#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {
namespace {

using wire::frame_of;
using wire::to_hex;

/// A block with every property that is right in one place, and the packets that carry them.
struct Blocks {
    ByteBuffer connect, will, connack, publish, ack, subscribe, unsubscribe, disconnect, auth;

    Blocks() {
        using enum PropertyId;
        PropertyWriter(connect).number(session_expiry_interval, 0xFFFFFFFF).number(receive_maximum, 65535).number(maximum_packet_size, 1)
            .number(topic_alias_maximum, 7).number(request_response_information, 1).number(request_problem_information, 0)
            .text(authentication_method, "SCRAM").text(authentication_data, "n,,").user("a", "1").user("a", "2");
        PropertyWriter(will).number(will_delay_interval, 5).number(payload_format_indicator, 1).number(message_expiry_interval, 60)
            .text(content_type, "text/plain").text(response_topic, "re/ply").text(correlation_data, std::string_view("\0\x01", 2))
            .user("w", "");
        PropertyWriter(connack).number(session_expiry_interval, 0).number(receive_maximum, 20).number(maximum_qos, 1)
            .number(retain_available, 0).number(maximum_packet_size, 8 << 20).text(assigned_client_identifier, "x")
            .number(topic_alias_maximum, 10).text(reason_string, "no").user("a", "b").number(wildcard_subscription_available, 1)
            .number(subscription_identifier_available, 1).number(shared_subscription_available, 0).number(server_keep_alive, 30)
            .text(response_information, "r").text(server_reference, "s").text(authentication_method, "m").text(authentication_data, "d");
        PropertyWriter(publish).number(payload_format_indicator, 0).number(message_expiry_interval, 1).number(topic_alias, 3)
            .text(response_topic, "r").text(correlation_data, "c").user("k", "v").number(subscription_identifier, 1)
            .number(subscription_identifier, 268'435'455).text(content_type, "t");
        PropertyWriter(ack).text(reason_string, "why").user("k", "v");
        PropertyWriter(subscribe).number(subscription_identifier, 128).user("k", "v");
        PropertyWriter(unsubscribe).user("k", "v");
        PropertyWriter(disconnect).number(session_expiry_interval, 1).text(reason_string, "bye").user("k", "v")
            .text(server_reference, "else");
        PropertyWriter(auth).text(authentication_method, "m").text(authentication_data, "d").text(reason_string, "r").user("k", "v");
    }
};

struct Case {
    std::string name;
    Packet packet;
    Version version;
    Sender sender;
};

/// Every packet of a version, bare and with everything that it can carry.
std::vector<Case> all_packets(const Blocks& blocks, Version version) {
    const bool v5 = version == Version::v5;
    const auto with = [v5](const ByteBuffer& block) { return v5 ? Properties(block) : Properties(); };
    static const ByteBuffer filters = wire::hex("0003 612F23 01  0001 2B 02");
    static const ByteBuffer names = wire::hex("0003 612F23  0001 2B");
    static const ByteBuffer codes = wire::hex("00 01 80");
    const Bytes payload = as_bytes("payload");
    std::vector<Case> cases;
    const auto add = [&](std::string name, Packet packet, Sender sender) { cases.push_back({std::move(name), packet, version, sender}); };

    add("connect", Connect{version, true, 0, "", {}, {}, {}, {}}, Sender::client);
    const Will will{"w/t", payload, with(blocks.will), 2, true};
    add("connect full", Connect{version, false, 60, "id", with(blocks.connect), will, "user", as_bytes("pw")}, Sender::client);
    add("connack", Connack{}, Sender::server);
    add("connack full", Connack{true, 5, with(blocks.connack)}, Sender::server);
    add("publish", Publish{"t", {}, {}, 0, 0, false, false}, Sender::server);
    add("publish full", Publish{"t/\xC3\xA4", payload, with(blocks.publish), 65535, 2, true, true}, Sender::server);
    for (const PacketType type : {PacketType::puback, PacketType::pubrec, PacketType::pubrel, PacketType::pubcomp}) {
        add("ack", Ack{type, ReasonCode::success, 1, {}}, Sender::client);
        if (v5) add("ack full", Ack{type, ReasonCode::packet_identifier_not_found, 65535, with(blocks.ack)}, Sender::client);
    }
    add("subscribe", Subscribe{9, {}, Filters(filters, true)}, Sender::client);
    add("subscribe full", Subscribe{9, with(blocks.subscribe), Filters(filters, true)}, Sender::client);
    add("suback", Suback{9, with(blocks.ack), codes}, Sender::server);
    add("unsubscribe", Unsubscribe{9, with(blocks.unsubscribe), Filters(names, false)}, Sender::client);
    add("unsuback", Unsuback{9, with(blocks.ack), v5 ? Bytes(codes) : Bytes()}, Sender::server);
    add("pingreq", Pingreq{}, Sender::client);
    add("pingresp", Pingresp{}, Sender::server);
    add("disconnect", Disconnect{}, Sender::client);
    if (v5) add("disconnect full", Disconnect{ReasonCode::session_taken_over, with(blocks.disconnect)}, Sender::server);
    if (v5) add("auth", Auth{}, Sender::client);
    if (v5) add("auth full", Auth{ReasonCode::continue_authentication, with(blocks.auth)}, Sender::server);
    return cases;
}

std::vector<Case> everything(const Blocks& blocks) {
    std::vector<Case> cases;
    for (const Version version : {Version::v3_1, Version::v3_1_1, Version::v5})
        for (Case& one : all_packets(blocks, version)) cases.push_back(std::move(one));
    return cases;
}

TEST(MqttCodec, RoundTripsEveryPacketAndPropertyOfEveryVersion) {
    const Blocks blocks;
    for (const Case& one : everything(blocks)) {
        SCOPED_TRACE(one.name + " v" + std::to_string(static_cast<int>(one.version)));
        ByteBuffer first;
        encode(one.packet, one.version, first);
        // PUBREC and PUBACK do not know "packet identifier not found".
        const Decoded<Packet> decoded = decode(frame_of(first), one.version, one.sender);
        if (!decoded) {
            const auto* ack = std::get_if<Ack>(&one.packet);
            EXPECT_TRUE(ack && ack->type <= PacketType::pubrec && decoded.error() == ReasonCode::protocol_error);
            continue;
        }
        EXPECT_EQ(decoded->index(), one.packet.index());
        ByteBuffer second;
        encode(*decoded, one.version, second);
        EXPECT_EQ(to_hex(first), to_hex(second));
    }
}

TEST(MqttCodec, Threat15CutAtEveryByteIsIncompleteOrRefusedAndNeverReadBeyond) {
    const Blocks blocks;
    for (const Case& one : everything(blocks)) {
        ByteBuffer whole;
        encode(one.packet, one.version, whole);
        for (std::size_t cut = 0; cut < whole.size(); ++cut) {
            // An exact heap copy, so that the sanitizer sees a read past its end.
            const ByteBuffer part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
            FrameHead head;
            const HeadState state = read_head(part, head);
            EXPECT_TRUE(state == HeadState::incomplete || head.packet_size() > part.size());
            if (state != HeadState::complete) continue;
            const Bytes body = Bytes(part).subspan(head.size);
            const Frame frame{{head.first, head.size, static_cast<std::uint32_t>(body.size())}, body};
            const Decoded<Packet> decoded = decode(frame, one.version, one.sender);
            EXPECT_TRUE(!decoded || decoded->index() == one.packet.index());
        }
    }
}

TEST(MqttCodec, SmallAcksEqualTheGeneralEncoding) {
    for (const Version version : {Version::v3_1_1, Version::v5})
        for (const PacketType type : {PacketType::puback, PacketType::pubrec, PacketType::pubrel, PacketType::pubcomp})
            for (const ReasonCode reason : {ReasonCode::success, ReasonCode::packet_identifier_not_found}) {
                ByteBuffer expected;
                encode(Ack{type, reason, 0x1234, {}}, version, expected);
                EXPECT_EQ(to_hex(encode_ack(type, 0x1234, reason, version).view()), to_hex(expected));
            }
}

TEST(MqttCodec, WritesPacketsByteForByte) {
    const auto bytes_of = [](const Packet& packet, Version version) {
        ByteBuffer out;
        encode(packet, version, out);
        return to_hex(out);
    };
    EXPECT_EQ(bytes_of(Connect{Version::v3_1_1, true, 10, "p", {}, {}, {}, {}}, Version::v3_1_1), "100D00044D5154540402000A000170");
    EXPECT_EQ(bytes_of(Publish{"p", as_bytes("message"), {}, 1, 1, false, false}, Version::v5), "320D0001700001006D657373616765");
    EXPECT_EQ(bytes_of(Disconnect{ReasonCode::protocol_error, {}}, Version::v5), "E00182");
    EXPECT_EQ(bytes_of(Pingresp{}, Version::v5), "D000");
}

TEST(MqttPropertyWriter, LeavesOutTextThatNoWireCanCarry) {
    const std::string huge(65'536, 'x');
    ByteBuffer block;
    PropertyWriter(block).text(PropertyId::content_type, huge).user("k", huge).user(huge, "v");
    EXPECT_TRUE(block.empty());
}

}  // namespace
}  // namespace junctor::mqtt
