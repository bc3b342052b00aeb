#pragma once

#include <cstdint>
#include <string_view>

namespace junctor::mqtt {

/// The same at every gateway and after every restart (FNV-1a), so that it may be sent; whoever wants to can make texts that collide.
constexpr std::uint64_t lasting_hash(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01b3;
    return hash;
}

}  // namespace junctor::mqtt
