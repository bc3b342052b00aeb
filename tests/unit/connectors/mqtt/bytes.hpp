#pragma once

#include <string_view>

#include "connectors/mqtt/codec.hpp"

namespace junctor::mqtt::wire {

/// "30 0B 0001 70" as bytes; blanks are ignored.
inline ByteBuffer hex(std::string_view text) {
    ByteBuffer bytes;
    int high = -1;
    for (const char c : text) {
        if (c == ' ') continue;
        const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        if (high < 0) {
            high = digit;
        } else {
            bytes.push_back(static_cast<std::uint8_t>(high << 4 | digit));
            high = -1;
        }
    }
    return bytes;
}

/// A packet of less than 128 bytes: its first byte, then its length, then `body`.
inline ByteBuffer packet(std::uint8_t first, std::string_view body) {
    const ByteBuffer rest = hex(body);
    ByteBuffer bytes{first, static_cast<std::uint8_t>(rest.size())};
    append(bytes, rest);
    return bytes;
}

inline std::string to_hex(Bytes bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += "0123456789ABCDEF"[byte >> 4];
        text += "0123456789ABCDEF"[byte & 15];
    }
    return text;
}

/// The one packet in `bytes`, which must be whole.
inline Frame frame_of(Bytes bytes) {
    Frame frame;
    if (read_head(bytes, frame.head) != HeadState::complete || frame.head.packet_size() != bytes.size()) {
        ADD_FAILURE() << "not one packet: " << to_hex(bytes);
        return {};
    }
    frame.body = bytes.subspan(frame.head.size);
    return frame;
}

}  // namespace junctor::mqtt::wire
