#include "connectors/mqtt/codec_fields.hpp"

namespace junctor::mqtt {

namespace {

/// The connect flags (section 3.1.2.3).
struct ConnectFlags {
    std::uint8_t raw;

    bool reserved() const noexcept { return (raw & 0x01) != 0; }
    bool clean_start() const noexcept { return (raw & 0x02) != 0; }
    bool will() const noexcept { return (raw & 0x04) != 0; }
    std::uint8_t will_qos() const noexcept { return raw >> 3 & 3; }
    bool will_retain() const noexcept { return (raw & 0x20) != 0; }
    bool password() const noexcept { return (raw & 0x40) != 0; }
    bool user() const noexcept { return (raw & 0x80) != 0; }
};

Decoded<Version> read_version(ByteReader& body) noexcept {
    const std::string_view name = as_text(read_sized(body));
    const std::uint8_t level = body.u8();
    if (body.failed()) return ReasonCode::malformed_packet;
    if (name == "MQTT") {
        if (level == 4 || level == 5) return static_cast<Version>(level);
        return ReasonCode::unsupported_protocol_version;
    }
    if (name == "MQIsdp") {
        if (level == 3) return Version::v3_1;
        return ReasonCode::unsupported_protocol_version;
    }
    return ReasonCode::malformed_packet;
}

bool valid(ConnectFlags flags, Version version) noexcept {
    // 3.1 left the lowest bit undefined, and its clients set it.
    if (flags.reserved() && version != Version::v3_1) return false;
    if (!flags.will() && (flags.will_qos() != 0 || flags.will_retain())) return false;
    if (flags.will_qos() > 2) return false;
    return !flags.password() || flags.user() || version == Version::v5;
}

Decoded<Will> read_will(ByteReader& body, ConnectFlags flags, Version version) noexcept {
    Will will;
    will.qos = flags.will_qos();
    will.retain = flags.will_retain();
    if (version == Version::v5) {
        const Decoded<Properties> properties = read_properties(body, PacketType::connect, Sender::client, PropertyPlace::will);
        if (!properties) return properties.error();
        will.properties = *properties;
    }
    const Bytes topic = read_sized(body);
    will.topic = as_text(topic);
    will.payload = read_sized(body);
    if (body.failed() || !is_topic_name(topic)) return ReasonCode::malformed_packet;
    return will;
}

/// What follows the variable header: client identifier, will, user name, password (section 3.1.3).
ReasonCode read_payload(ByteReader& body, ConnectFlags flags, Connect& connect) noexcept {
    const Bytes client_id = read_sized(body);
    connect.client_id = as_text(client_id);
    if (!is_text(client_id)) return ReasonCode::malformed_packet;
    if (flags.will()) {
        const Decoded<Will> will = read_will(body, flags, connect.version);
        if (!will) return will.error();
        connect.will = *will;
    }
    if (flags.user()) {
        const Bytes user = read_sized(body);
        if (!is_text(user)) return ReasonCode::malformed_packet;
        connect.user = as_text(user);
    }
    if (flags.password()) connect.password = read_sized(body);
    return body.failed() || !body.empty() ? ReasonCode::malformed_packet : ReasonCode::success;
}

}  // namespace

Decoded<Connect> decode_connect(const Frame& frame) noexcept {
    ByteReader body(frame.body);
    const Decoded<Version> version = read_version(body);
    if (!version) return version.error();
    Connect connect;
    connect.version = *version;
    // 3.1 gives the flags of the fixed header no meaning here.
    if (frame.head.flags() != 0 && connect.version != Version::v3_1) return ReasonCode::malformed_packet;

    const ConnectFlags flags{body.u8()};
    connect.clean_start = flags.clean_start();
    connect.keep_alive_s = body.u16();
    if (body.failed() || !valid(flags, connect.version)) return ReasonCode::malformed_packet;
    if (connect.version == Version::v5) {
        const Decoded<Properties> properties = read_properties(body, PacketType::connect, Sender::client);
        if (!properties) return properties.error();
        connect.properties = *properties;
    }
    const ReasonCode payload = read_payload(body, flags, connect);
    if (payload != ReasonCode::success) return payload;
    const bool data_without_method = connect.properties.has(PropertyId::authentication_data) &&
                                     !connect.properties.has(PropertyId::authentication_method);
    if (data_without_method) return ReasonCode::protocol_error;
    return connect;
}

Decoded<Connack> decode_connack(const Frame& frame, Version version) noexcept {
    ByteReader body(frame.body);
    const std::uint8_t flags = body.u8();
    Connack connack;
    connack.session_present = (flags & 1) != 0;
    connack.code = body.u8();
    if (body.failed() || (flags & 0xFE) != 0 || frame.head.flags() != 0) return ReasonCode::malformed_packet;
    if (version == Version::v5) {
        const Decoded<Properties> properties = read_properties(body, PacketType::connack, Sender::server);
        if (!properties) return properties.error();
        connack.properties = *properties;
    }
    if (!body.empty()) return ReasonCode::malformed_packet;
    return connack;
}

}  // namespace junctor::mqtt
