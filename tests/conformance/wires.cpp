#include "tests/conformance/wires.hpp"

namespace junctor::test {
namespace {

std::string big_endian(std::size_t value, int bytes) {
    std::string text;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
    return text;
}

}  // namespace

std::string mqtt_packet(unsigned char first, std::string_view rest) {
    std::string packet(1, static_cast<char>(first));
    std::size_t left = rest.size();
    do {
        packet += static_cast<char>(left % 128 + (left >= 128 ? 128 : 0));
        left /= 128;
    } while (left > 0);
    return packet.append(rest);
}

std::string mqtt_text(std::string_view text) { return big_endian(text.size(), 2).append(text); }

std::string mqtt_connect(std::string_view client_id) {
    return mqtt_packet(0x10, mqtt_text("MQTT") + std::string("\x04\x02\x00\x00", 4) + mqtt_text(client_id));
}

std::string websocket_upgrade(std::string_view path) {
    return "GET " + std::string(path) +
           " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

std::string websocket_frame(unsigned char first, std::string_view payload) {
    std::string frame(1, static_cast<char>(first));
    if (payload.size() < 126) {
        frame += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() <= 0xffff) {
        frame += static_cast<char>(0x80 | 126);
        frame += big_endian(payload.size(), 2);
    } else {
        frame += static_cast<char>(0x80 | 127);
        frame += big_endian(payload.size(), 8);
    }
    // A key of zeros masks nothing.
    return frame.append(4, '\0').append(payload);
}

}  // namespace junctor::test
