#pragma once

#include "core/base/bytes.hpp"

namespace junctor {

/// CRC-32C (Castagnoli; RFC 3720 section 12.1) of one piece after the other; by the processor's own instruction where it has one, because
/// a core computes it over every message that it stores.
class Crc32c {
public:
    Crc32c& add(Bytes bytes) noexcept;
    std::uint32_t value() const noexcept { return ~state_; }

private:
    std::uint32_t state_ = ~std::uint32_t{0};
};

/// The same on any processor; what the other is tested against.
std::uint32_t crc32c_by_table(Bytes bytes) noexcept;

}  // namespace junctor
