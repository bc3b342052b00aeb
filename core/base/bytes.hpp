#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace junctor {

/// Bytes that somebody else owns; valid only as long as the call that hands them over says.
using Bytes = std::span<const std::uint8_t>;

/// Bytes that the holder owns.
using ByteBuffer = std::vector<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void append(ByteBuffer& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }
inline void append(ByteBuffer& to, std::string_view text) { append(to, as_bytes(text)); }

}  // namespace junctor
