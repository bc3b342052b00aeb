#include "tests/bench/generator/mqtt_wire.hpp"

#include <optional>
#include <stdexcept>

namespace bench {
namespace {

enum PacketType : unsigned char { connack = 2, publish = 3, puback = 4, pubrec = 5, pubrel = 6, pubcomp = 7, suback = 9 };

constexpr unsigned char flags_of_pubrel = 2;  // section 3.6.1

void append_u16(std::size_t value, std::string& out) {
    out += static_cast<char>(value >> 8 & 0xff);
    out += static_cast<char>(value & 0xff);
}

void append_text(std::string_view text, std::string& out) {
    append_u16(text.size(), out);
    out += text;
}

void append_header(unsigned char first, std::size_t remaining, std::string& out) {
    out += static_cast<char>(first);
    do {
        const std::size_t rest = remaining >> 7;
        out += static_cast<char>((remaining & 0x7f) | (rest > 0 ? 0x80 : 0));
        remaining = rest;
    } while (remaining > 0);
}

struct Packet {
    unsigned char first = 0;
    std::string_view body;
    std::size_t size = 0;  // with its header
};

std::optional<Packet> next_packet(std::string_view input) {
    std::size_t length = 0;
    for (std::size_t index = 1; index < input.size(); ++index) {
        if (index > 4) throw std::runtime_error("the server sent a packet length of more than four bytes");
        const auto byte = static_cast<unsigned char>(input[index]);
        length |= static_cast<std::size_t>(byte & 0x7f) << (7 * (index - 1));
        if ((byte & 0x80) != 0) continue;
        const std::size_t header = index + 1;
        if (input.size() - header < length) return std::nullopt;
        return Packet{static_cast<unsigned char>(input[0]), input.substr(header, length), header + length};
    }
    return std::nullopt;
}

void append_answer(unsigned type, std::string_view packet_id, std::string& out) {
    append_header(static_cast<unsigned char>(type << 4 | (type == pubrel ? flags_of_pubrel : 0)), packet_id.size(), out);
    out += packet_id;
}

void take_publish(const Packet& packet, std::string& out, WireEvents& events) {
    const auto high = static_cast<unsigned char>(packet.body.at(0));
    const auto low = static_cast<unsigned char>(packet.body.at(1));
    const std::string_view behind_topic = packet.body.substr(2U + (std::size_t{high} << 8 | low));
    const unsigned qos = packet.first >> 1 & 3;
    if (qos > 0) append_answer(qos == 1 ? puback : pubrec, behind_topic.substr(0, 2), out);
    events.on_message(behind_topic.substr(qos > 0 ? 2 : 0));
}

void handle(const Packet& packet, std::string& out, WireEvents& events) {
    switch (packet.first >> 4) {
        case publish: take_publish(packet, out, events); break;
        case puback:
        case pubcomp: events.on_acknowledged(); break;
        case pubrec: append_answer(pubrel, packet.body.substr(0, 2), out); break;
        case pubrel: append_answer(pubcomp, packet.body.substr(0, 2), out); break;
        case connack:
            if (packet.body.size() < 2 || packet.body[1] != 0) throw std::runtime_error("the server refused the connection");
            events.on_ready();
            break;
        case suback:
            if (packet.body.size() < 3 || (packet.body[2] & 0x80) != 0) throw std::runtime_error("the server refused the subscription");
            events.on_subscribed();
            break;
        default: throw std::runtime_error("the server sent packet type " + std::to_string(packet.first >> 4));
    }
}

}  // namespace

void MqttWire::append_hello(std::string& out) {
    constexpr std::string_view protocol("\x00\x04MQTT\x04", 7);
    constexpr std::string_view no_keep_alive("\x00\x00", 2);
    append_header(0x10, protocol.size() + 1 + no_keep_alive.size() + 2 + client_id_.size(), out);
    out += protocol;
    out += persistent_ ? '\0' : '\2';
    out += no_keep_alive;
    append_text(client_id_, out);
}

void MqttWire::append_subscribe(std::string_view filter, std::string& out) {
    append_header(0x82, 2 + 2 + filter.size() + 1, out);
    append_u16(1, out);
    append_text(filter, out);
    out += static_cast<char>(qos_);
}

void MqttWire::append_publish(std::string_view topic, std::string_view payload, std::string& out) {
    append_header(static_cast<unsigned char>(publish << 4 | qos_ << 1 | (retain_ ? 1 : 0)), 2 + topic.size() + (qos_ > 0 ? 2 : 0) + payload.size(), out);
    append_text(topic, out);
    if (qos_ > 0) {
        packet_id_ = static_cast<std::uint16_t>(packet_id_ % 0xffff + 1);
        append_u16(packet_id_, out);
    }
    out += payload;
}

std::size_t MqttWire::consume(std::string_view input, std::string& out, WireEvents& events) {
    std::size_t taken = 0;
    while (const auto packet = next_packet(input.substr(taken))) {
        handle(*packet, out, events);
        taken += packet->size;
    }
    return taken;
}

}  // namespace bench
