#pragma once

#include <cassert>

#include "core/base/bytes.hpp"

namespace junctor {

/// Appends the fields that ByteReader reads: big-endian numbers, and bytes or text behind their length.
class ByteWriter {
public:
    explicit ByteWriter(ByteBuffer& to) noexcept : to_(to) {}

    void u8(std::uint8_t value) { to_.push_back(value); }
    void u16(std::uint16_t value) { big_endian(value, 2); }
    void u32(std::uint32_t value) { big_endian(value, 4); }
    void u64(std::uint64_t value) { big_endian(value, 8); }

    void sized8(std::string_view text) {
        assert(text.size() <= 0xff);
        u8(static_cast<std::uint8_t>(text.size()));
        append(to_, text);
    }
    void sized16(std::string_view text) {
        assert(text.size() <= 0xffff);
        u16(static_cast<std::uint16_t>(text.size()));
        append(to_, text);
    }
    void sized32(Bytes bytes) {
        assert(bytes.size() <= 0xffff'ffff);
        u32(static_cast<std::uint32_t>(bytes.size()));
        append(to_, bytes);
    }
    void sized32(std::string_view text) { sized32(as_bytes(text)); }

private:
    void big_endian(std::uint64_t value, int width) {
        for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) to_.push_back(static_cast<std::uint8_t>(value >> shift));
    }

    ByteBuffer& to_;
};

}  // namespace junctor
