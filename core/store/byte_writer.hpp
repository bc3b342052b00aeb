#pragma once

#include <boost/endian/conversion.hpp>
#include <cassert>
#include <cstring>

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
    /// What `write` appends, behind its length.
    template <class Write>
    void sized32_of(Write&& write) {
        const std::size_t at = to_.size();
        u32(0);
        write();
        const std::size_t size = to_.size() - at - 4;
        assert(size <= 0xffff'ffff);
        const std::uint32_t big = boost::endian::native_to_big(static_cast<std::uint32_t>(size));
        std::memcpy(to_.data() + at, &big, sizeof big);
    }

private:
    void big_endian(std::uint64_t value, std::size_t width) {
        const std::uint64_t big = boost::endian::native_to_big(value << 8 * (sizeof value - width));
        const std::size_t at = to_.size();
        to_.resize(at + width);
        std::memcpy(to_.data() + at, &big, width);
    }

    ByteBuffer& to_;
};

}  // namespace junctor
