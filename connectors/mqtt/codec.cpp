#include "connectors/mqtt/codec.hpp"

namespace junctor::mqtt {

namespace {

template <class P>
Decoded<Packet> as_packet(const Decoded<P>& decoded) noexcept {
    if (!decoded) return decoded.error();
    return Packet(*decoded);
}

template <class P>
Decoded<Packet> decode_ping(const Frame& frame) noexcept {
    if (!frame.body.empty() || frame.head.flags() != 0) return ReasonCode::malformed_packet;
    return Packet(P{});
}

Decoded<Packet> decode_whole_publish(const Frame& frame, Version version, Sender sender) noexcept {
    const Decoded<Publish> publish = decode_publish(frame, version, sender);
    if (!publish) return publish.error();
    if (!publish->topic.empty() && !is_topic_name(as_bytes(publish->topic))) return ReasonCode::malformed_packet;
    return Packet(*publish);
}

bool may_send(Sender sender, PacketType type) noexcept {
    switch (type) {
        case PacketType::reserved: return false;
        case PacketType::connect:
        case PacketType::subscribe:
        case PacketType::unsubscribe:
        case PacketType::pingreq: return sender == Sender::client;
        case PacketType::connack:
        case PacketType::suback:
        case PacketType::unsuback:
        case PacketType::pingresp: return sender == Sender::server;
        default: return true;
    }
}

}  // namespace

Decoded<Packet> decode(const Frame& frame, Version version, Sender sender) noexcept {
    if (!may_send(sender, frame.head.type())) return ReasonCode::protocol_error;
    switch (frame.head.type()) {
        case PacketType::reserved: return ReasonCode::protocol_error;
        case PacketType::connect: return as_packet(decode_connect(frame));
        case PacketType::connack: return as_packet(decode_connack(frame, version));
        case PacketType::publish: return decode_whole_publish(frame, version, sender);
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp: return as_packet(decode_ack(frame, version));
        case PacketType::subscribe: return as_packet(decode_subscribe(frame, version));
        case PacketType::suback: return as_packet(decode_suback(frame, version));
        case PacketType::unsubscribe: return as_packet(decode_unsubscribe(frame, version));
        case PacketType::unsuback: return as_packet(decode_unsuback(frame, version));
        case PacketType::pingreq: return decode_ping<Pingreq>(frame);
        case PacketType::pingresp: return decode_ping<Pingresp>(frame);
        case PacketType::disconnect: return as_packet(decode_disconnect(frame, version));
        case PacketType::auth: return as_packet(decode_auth(frame, version));
    }
    return ReasonCode::protocol_error;
}

}  // namespace junctor::mqtt
