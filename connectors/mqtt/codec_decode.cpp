#include <algorithm>
#include <array>

#include "connectors/mqtt/codec_fields.hpp"

namespace junctor::mqtt {

namespace {

/// The fixed flags of packets other than PUBLISH (section 2.1.3). 3.1 let clients mark them as repeated.
bool flags_valid(const Frame& frame, std::uint8_t expected, Version version) noexcept {
    const std::uint8_t mask = version == Version::v3_1 ? 0x07 : 0x0F;
    return (frame.head.flags() & mask) == expected;
}

/// Reads what follows in 5.0 and checks that it is the last.
template <class P>
ReasonCode finish_with_properties(ByteReader& body, PacketType type, P& packet) noexcept {
    const Decoded<Properties> properties = read_properties(body, type, Sender::client);
    if (!properties) return properties.error();
    packet.properties = *properties;
    return body.empty() ? ReasonCode::success : ReasonCode::malformed_packet;
}

bool reason_allowed(PacketType type, ReasonCode reason) noexcept {
    using enum ReasonCode;
    if (reason == success) return true;
    if (type == PacketType::pubrel || type == PacketType::pubcomp) return reason == packet_identifier_not_found;
    constexpr std::array allowed{no_matching_subscribers, unspecified_error,        implementation_specific_error,
                                 not_authorized,          topic_name_invalid,       packet_identifier_in_use,
                                 quota_exceeded,          payload_format_invalid};
    return std::ranges::find(allowed, reason) != allowed.end();
}

bool options_valid(std::uint8_t options, Version version) noexcept {
    const Filter filter{{}, options};
    if (filter.qos() > 2) return false;
    return version == Version::v5 ? (options & 0xC0) == 0 && filter.retain_handling() != 3 : (options & 0xFC) == 0;
}

/// SUBSCRIBE and UNSUBSCRIBE.
template <class P>
Decoded<P> decode_filters(const Frame& frame, Version version, bool with_options) noexcept {
    ByteReader body(frame.body);
    P packet;
    packet.packet_id = body.u16();
    if (body.failed() || !flags_valid(frame, 2, version)) return ReasonCode::malformed_packet;
    if (version == Version::v5) {
        const Decoded<Properties> properties = read_properties(body, frame.head.type(), Sender::client);
        if (!properties) return properties.error();
        packet.properties = *properties;
    }
    packet.filters = Filters(body.rest(), with_options);
    if (body.empty()) return ReasonCode::malformed_packet;
    Filters rest = packet.filters;
    for (Filter filter; rest.next(filter);)
        if (filter.text.empty() || !is_text(as_bytes(filter.text)) || !options_valid(filter.options, version))
            return ReasonCode::malformed_packet;
    if (rest.failed()) return ReasonCode::malformed_packet;
    if (packet.packet_id == 0) return ReasonCode::protocol_error;
    return packet;
}

/// SUBACK and UNSUBACK.
template <class P>
Decoded<P> decode_codes(const Frame& frame, Version version) noexcept {
    ByteReader body(frame.body);
    P packet;
    packet.packet_id = body.u16();
    if (body.failed() || !flags_valid(frame, 0, version)) return ReasonCode::malformed_packet;
    if (version == Version::v5) {
        const Decoded<Properties> properties = read_properties(body, frame.head.type(), Sender::server);
        if (!properties) return properties.error();
        packet.properties = *properties;
    }
    packet.codes = body.rest();
    return packet;
}

/// DISCONNECT and AUTH: nothing, or a reason, or a reason and properties.
template <class P>
Decoded<P> decode_reason(const Frame& frame, Version version) noexcept {
    P packet;
    if (!flags_valid(frame, 0, version)) return ReasonCode::malformed_packet;
    if (frame.body.empty()) return packet;
    if (version != Version::v5) return ReasonCode::malformed_packet;
    ByteReader body(frame.body);
    packet.reason = static_cast<ReasonCode>(body.u8());
    if (body.empty()) return packet;
    const ReasonCode end = finish_with_properties(body, frame.head.type(), packet);
    if (end != ReasonCode::success) return end;
    return packet;
}

}  // namespace

Decoded<Publish> decode_publish(const Frame& frame, Version version, Sender sender) noexcept {
    ByteReader body(frame.body);
    const std::uint8_t flags = frame.head.flags();
    Publish publish;
    publish.retain = (flags & 1) != 0;
    publish.qos = flags >> 1 & 3;
    publish.dup = (flags & 8) != 0;
    if (publish.qos == 3 || (publish.dup && publish.qos == 0)) return ReasonCode::malformed_packet;
    const Bytes topic = read_sized(body);
    publish.topic = as_text(topic);
    if (publish.qos > 0) publish.packet_id = body.u16();
    if (body.failed()) return ReasonCode::malformed_packet;
    if (version == Version::v5) {
        const Decoded<Properties> properties = read_properties(body, PacketType::publish, sender);
        if (!properties) return properties.error();
        publish.properties = *properties;
    }
    if (topic.empty() && !publish.properties.has(PropertyId::topic_alias)) return ReasonCode::malformed_packet;
    if (publish.qos > 0 && publish.packet_id == 0) return ReasonCode::protocol_error;
    publish.payload = body.rest();
    return publish;
}

Decoded<Ack> decode_ack(const Frame& frame, Version version) noexcept {
    ByteReader body(frame.body);
    Ack ack;
    ack.type = frame.head.type();
    ack.packet_id = body.u16();
    const std::uint8_t expected = ack.type == PacketType::pubrel ? 2 : 0;
    if (body.failed() || !flags_valid(frame, expected, version)) return ReasonCode::malformed_packet;
    if (!body.empty()) {
        if (version != Version::v5) return ReasonCode::malformed_packet;
        ack.reason = static_cast<ReasonCode>(body.u8());
    }
    if (!body.empty()) {
        const ReasonCode end = finish_with_properties(body, ack.type, ack);
        if (end != ReasonCode::success) return end;
    }
    if (ack.packet_id == 0 || !reason_allowed(ack.type, ack.reason)) return ReasonCode::protocol_error;
    return ack;
}

Decoded<Subscribe> decode_subscribe(const Frame& frame, Version version) noexcept {
    return decode_filters<Subscribe>(frame, version, true);
}

Decoded<Unsubscribe> decode_unsubscribe(const Frame& frame, Version version) noexcept {
    return decode_filters<Unsubscribe>(frame, version, false);
}

Decoded<Suback> decode_suback(const Frame& frame, Version version) noexcept {
    Decoded<Suback> suback = decode_codes<Suback>(frame, version);
    if (suback && suback->codes.empty()) return ReasonCode::malformed_packet;
    return suback;
}

Decoded<Unsuback> decode_unsuback(const Frame& frame, Version version) noexcept {
    Decoded<Unsuback> unsuback = decode_codes<Unsuback>(frame, version);
    if (unsuback && unsuback->codes.empty() != (version != Version::v5)) return ReasonCode::malformed_packet;
    return unsuback;
}

Decoded<Disconnect> decode_disconnect(const Frame& frame, Version version) noexcept {
    return decode_reason<Disconnect>(frame, version);
}

Decoded<Auth> decode_auth(const Frame& frame, Version version) noexcept {
    if (version != Version::v5) return ReasonCode::protocol_error;
    return decode_reason<Auth>(frame, version);
}

}  // namespace junctor::mqtt
