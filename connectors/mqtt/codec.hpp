#pragma once

#include <array>
#include <cstdint>

#include "connectors/mqtt/decoded.hpp"
#include "connectors/mqtt/packet.hpp"
#include "core/base/bytes.hpp"

namespace junctor::mqtt {

/// Who sent the bytes: it decides which packets and properties are right.
enum class Sender : std::uint8_t { client, server };

inline constexpr std::uint32_t max_remaining_length = 268'435'455;

/// The fixed header (section 2.1).
struct FrameHead {
    std::uint8_t first = 0;
    std::uint8_t size = 0;
    std::uint32_t remaining = 0;

    PacketType type() const noexcept { return static_cast<PacketType>(first >> 4); }
    std::uint8_t flags() const noexcept { return first & 0x0F; }
    std::size_t packet_size() const noexcept { return std::size_t{size} + remaining; }
};

enum class HeadState : std::uint8_t { complete, incomplete, malformed };

/// Reads the fixed header at the start of `bytes`; says nothing of whether the rest is there.
HeadState read_head(Bytes bytes, FrameHead& head) noexcept;

/// One whole packet: its header and what follows it.
struct Frame {
    FrameHead head;
    Bytes body;
};

/// Decoders of one packet type. The frame has that type. Errors: malformed_packet or protocol_error, for CONNECT
/// unsupported_protocol_version too. `decode_publish` leaves the text of the topic unread: whoever makes a Topic of it checks it once.
Decoded<Connect> decode_connect(const Frame& frame) noexcept;
Decoded<Publish> decode_publish(const Frame& frame, Version version, Sender sender) noexcept;
Decoded<Ack> decode_ack(const Frame& frame, Version version) noexcept;
Decoded<Subscribe> decode_subscribe(const Frame& frame, Version version) noexcept;
Decoded<Unsubscribe> decode_unsubscribe(const Frame& frame, Version version) noexcept;
Decoded<Disconnect> decode_disconnect(const Frame& frame, Version version) noexcept;
Decoded<Auth> decode_auth(const Frame& frame, Version version) noexcept;
Decoded<Connack> decode_connack(const Frame& frame, Version version) noexcept;
Decoded<Suback> decode_suback(const Frame& frame, Version version) noexcept;
Decoded<Unsuback> decode_unsuback(const Frame& frame, Version version) noexcept;

/// Decodes any packet and checks all of it; one that `sender` may not send is a protocol_error. `version` is ignored for CONNECT.
Decoded<Packet> decode(const Frame& frame, Version version, Sender sender) noexcept;

/// Appends the packet to `out`. A packet that does not fit 268,435,455 bytes is a broken invariant.
void encode(const Packet& packet, Version version, ByteBuffer& out) noexcept;

/// A packet small enough for the stack.
struct SmallPacket {
    std::array<std::uint8_t, 5> bytes{};
    std::uint8_t size = 0;

    Bytes view() const noexcept { return {bytes.data(), size}; }
};

/// PUBACK, PUBREC, PUBREL or PUBCOMP without properties; the reason is left out where it may be (5.0 section 3.4.2.1).
SmallPacket encode_ack(PacketType type, std::uint16_t packet_id, ReasonCode reason, Version version) noexcept;

/// How many bytes a variable byte integer takes.
constexpr std::uint8_t variable_size(std::uint32_t value) noexcept {
    return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}
/// Writes it; `out` has room. Returns its size.
std::uint8_t write_variable(std::uint32_t value, std::uint8_t* out) noexcept;

/// Section 1.5.4: well-formed UTF-8 without U+0000; control characters are refused as it allows.
bool is_text(Bytes bytes) noexcept;
/// Text that is a topic name (section 4.7): not empty, no wildcard. Levels are not counted.
bool is_topic_name(Bytes bytes) noexcept;

}  // namespace junctor::mqtt
