#pragma once

#include "core/base/bytes.hpp"

namespace junctor {

/// Reads big-endian fields from bytes that may end too early.
/// A read past the end returns zero or nothing and sets `failed()` for good, so that a decoder checks once, at its end.
class ByteReader {
public:
    explicit ByteReader(Bytes bytes) noexcept : bytes_(bytes) {}

    bool failed() const noexcept { return failed_; }
    bool empty() const noexcept { return at_ == bytes_.size(); }
    std::size_t consumed() const noexcept { return at_; }
    Bytes rest() const noexcept { return bytes_.subspan(at_); }

    std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(big_endian(1)); }
    std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(big_endian(2)); }
    std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(big_endian(4)); }
    std::uint64_t u64() noexcept { return big_endian(8); }

    Bytes take(std::size_t count) noexcept {
        if (bytes_.size() - at_ < count) {
            failed_ = true;
            return {};
        }
        const Bytes taken = bytes_.subspan(at_, count);
        at_ += count;
        return taken;
    }

private:
    std::uint64_t big_endian(std::size_t count) noexcept {
        std::uint64_t value = 0;
        for (const std::uint8_t byte : take(count)) value = value << 8 | byte;
        return value;
    }

    Bytes bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

}  // namespace junctor
