#include <cassert>

#include "connectors/mqtt/codec.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

namespace {

constexpr std::size_t longest_field = 65'535;

void put_u8(ByteBuffer& out, std::size_t value) noexcept { out.push_back(static_cast<std::uint8_t>(value)); }

void put_u16(ByteBuffer& out, std::size_t value) noexcept {
    put_u8(out, value >> 8);
    put_u8(out, value & 0xFF);
}

void put_sized(ByteBuffer& out, Bytes bytes) noexcept {
    assert(bytes.size() <= longest_field);
    put_u16(out, bytes.size());
    append(out, bytes);
}

void put_sized(ByteBuffer& out, std::string_view text) noexcept { put_sized(out, as_bytes(text)); }

void put_variable(ByteBuffer& out, std::size_t value) noexcept {
    assert(value <= max_remaining_length);
    std::array<std::uint8_t, 4> raw{};
    append(out, Bytes(raw).first(write_variable(static_cast<std::uint32_t>(value), raw.data())));
}

void put_properties(ByteBuffer& out, const Properties& properties, Version version) noexcept {
    if (version != Version::v5) return;
    put_variable(out, properties.block().size());
    append(out, properties.block());
}

std::uint8_t first_byte(PacketType type, unsigned flags = 0) noexcept {
    return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags);
}

/// Writes the body of each packet and answers the first byte of its fixed header.
struct BodyWriter {
    ByteBuffer& out;
    Version version;

    std::uint8_t operator()(const Connect& connect) const noexcept {
        const bool old = connect.version == Version::v3_1;
        put_sized(out, old ? std::string_view("MQIsdp") : std::string_view("MQTT"));
        put_u8(out, static_cast<std::size_t>(connect.version));
        put_u8(out, flags_of(connect));
        put_u16(out, connect.keep_alive_s);
        put_properties(out, connect.properties, connect.version);
        put_sized(out, connect.client_id);
        if (connect.will) {
            put_properties(out, connect.will->properties, connect.version);
            put_sized(out, connect.will->topic);
            put_sized(out, connect.will->payload);
        }
        if (connect.user) put_sized(out, *connect.user);
        if (connect.password) put_sized(out, *connect.password);
        return first_byte(PacketType::connect);
    }

    static std::size_t flags_of(const Connect& connect) noexcept {
        std::size_t flags = connect.clean_start ? 0x02 : 0;
        if (connect.will) flags |= 0x04U | static_cast<unsigned>(connect.will->qos << 3) | (connect.will->retain ? 0x20U : 0U);
        if (connect.password) flags |= 0x40;
        if (connect.user) flags |= 0x80;
        return flags;
    }

    std::uint8_t operator()(const Connack& connack) const noexcept {
        put_u8(out, connack.session_present ? 1 : 0);
        put_u8(out, connack.code);
        put_properties(out, connack.properties, version);
        return first_byte(PacketType::connack);
    }

    std::uint8_t operator()(const Publish& publish) const noexcept {
        put_sized(out, publish.topic);
        if (publish.qos > 0) put_u16(out, publish.packet_id);
        put_properties(out, publish.properties, version);
        append(out, publish.payload);
        const unsigned flags = (publish.dup ? 8U : 0U) | static_cast<unsigned>(publish.qos << 1) | (publish.retain ? 1U : 0U);
        return first_byte(PacketType::publish, flags);
    }

    std::uint8_t operator()(const Ack& ack) const noexcept {
        put_u16(out, ack.packet_id);
        put_reason(ack.reason, ack.properties);
        return first_byte(ack.type, ack.type == PacketType::pubrel ? 2 : 0);
    }

    std::uint8_t operator()(const Subscribe& subscribe) const noexcept {
        put_u16(out, subscribe.packet_id);
        put_properties(out, subscribe.properties, version);
        append(out, subscribe.filters.block());
        return first_byte(PacketType::subscribe, 2);
    }

    std::uint8_t operator()(const Unsubscribe& unsubscribe) const noexcept {
        put_u16(out, unsubscribe.packet_id);
        put_properties(out, unsubscribe.properties, version);
        append(out, unsubscribe.filters.block());
        return first_byte(PacketType::unsubscribe, 2);
    }

    std::uint8_t operator()(const Suback& suback) const noexcept {
        put_u16(out, suback.packet_id);
        put_properties(out, suback.properties, version);
        append(out, suback.codes);
        return first_byte(PacketType::suback);
    }

    std::uint8_t operator()(const Unsuback& unsuback) const noexcept {
        put_u16(out, unsuback.packet_id);
        put_properties(out, unsuback.properties, version);
        if (version == Version::v5) append(out, unsuback.codes);
        return first_byte(PacketType::unsuback);
    }

    std::uint8_t operator()(const Pingreq&) const noexcept { return first_byte(PacketType::pingreq); }
    std::uint8_t operator()(const Pingresp&) const noexcept { return first_byte(PacketType::pingresp); }

    std::uint8_t operator()(const Disconnect& disconnect) const noexcept {
        put_reason(disconnect.reason, disconnect.properties);
        return first_byte(PacketType::disconnect);
    }

    std::uint8_t operator()(const Auth& auth) const noexcept {
        put_reason(auth.reason, auth.properties);
        return first_byte(PacketType::auth);
    }

    /// A reason that says success, and properties that are none, are left out.
    void put_reason(ReasonCode reason, const Properties& properties) const noexcept {
        if (version != Version::v5 || (reason == ReasonCode::success && properties.empty())) return;
        put_u8(out, static_cast<std::size_t>(reason));
        if (!properties.empty()) put_properties(out, properties, version);
    }
};

}  // namespace

void encode(const Packet& packet, Version version, ByteBuffer& out) noexcept {
    ByteBuffer body;
    const std::uint8_t first = std::visit(BodyWriter{body, version}, packet);
    put_u8(out, first);
    put_variable(out, body.size());
    append(out, body);
}

SmallPacket encode_ack(PacketType type, std::uint16_t packet_id, ReasonCode reason, Version version) noexcept {
    const bool says_reason = version == Version::v5 && reason != ReasonCode::success;
    SmallPacket packet;
    packet.bytes = {first_byte(type, type == PacketType::pubrel ? 2 : 0), static_cast<std::uint8_t>(says_reason ? 3 : 2),
                    static_cast<std::uint8_t>(packet_id >> 8), static_cast<std::uint8_t>(packet_id & 0xFF),
                    static_cast<std::uint8_t>(reason)};
    packet.size = says_reason ? 5 : 4;
    return packet;
}

PropertyWriter& PropertyWriter::data(PropertyId id, Bytes value) noexcept {
    if (value.size() > longest_field) return *this;
    put_u8(block_, static_cast<std::size_t>(id));
    put_sized(block_, value);
    return *this;
}

PropertyWriter& PropertyWriter::user(std::string_view name, std::string_view value) noexcept {
    if (name.size() > longest_field || value.size() > longest_field) return *this;
    put_u8(block_, static_cast<std::size_t>(PropertyId::user_property));
    put_sized(block_, name);
    put_sized(block_, value);
    return *this;
}

}  // namespace junctor::mqtt
