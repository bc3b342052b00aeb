#include "core/store/crc32c.hpp"

#include <boost/crc.hpp>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace junctor {

namespace {

using Table = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0, true, true>;

/// `state` before the final inversion, reflected as the instruction keeps it; the library takes its start value unreflected.
std::uint32_t by_table(std::uint32_t state, Bytes bytes) noexcept {
    std::uint32_t unreflected = 0;
    for (int bit = 0; bit < 32; ++bit) unreflected |= (state >> bit & 1) << (31 - bit);
    Table table(unreflected);
    table.process_bytes(bytes.data(), bytes.size());
    return table.checksum();
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::uint32_t state, Bytes bytes) noexcept {
    std::uint64_t wide = state;
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data(), 8);
        wide = _mm_crc32_u64(wide, word);
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (const std::uint8_t byte : bytes) narrow = _mm_crc32_u8(narrow, byte);
    return narrow;
}

bool has_instruction() noexcept { return __builtin_cpu_supports("sse4.2") != 0; }
#else
std::uint32_t by_instruction(std::uint32_t state, Bytes bytes) noexcept { return by_table(state, bytes); }

bool has_instruction() noexcept { return false; }
#endif

}  // namespace

Crc32c& Crc32c::add(Bytes bytes) noexcept {
    static const bool fast = has_instruction();
    state_ = fast ? by_instruction(state_, bytes) : by_table(state_, bytes);
    return *this;
}

std::uint32_t crc32c_by_table(Bytes bytes) noexcept { return ~by_table(~std::uint32_t{0}, bytes); }

}  // namespace junctor
