#include "core/base/base64.hpp"

#include <array>

namespace junctor {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t invalid = 0xff;

constexpr std::array<std::uint8_t, 256> values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(invalid);
    for (std::uint8_t value = 0; value < 64; ++value) table[static_cast<std::uint8_t>(alphabet[value])] = value;
    return table;
}();

std::uint8_t character(std::uint32_t group, unsigned shift) noexcept {
    return static_cast<std::uint8_t>(alphabet[group >> shift & 63]);
}

void append_last_group(ByteBuffer& to, Bytes rest) {
    const std::uint32_t group = std::uint32_t{rest[0]} << 16 | (rest.size() > 1 ? std::uint32_t{rest[1]} << 8 : 0);
    to.push_back(character(group, 18));
    to.push_back(character(group, 12));
    to.push_back(rest.size() > 1 ? character(group, 6) : std::uint8_t{'='});
    to.push_back('=');
}

/// The text without its padding; nothing when the padding is not what the length asks for.
std::optional<std::string_view> unpadded(std::string_view text) noexcept {
    std::string_view bare = text;
    while (!bare.empty() && bare.back() == '=') bare.remove_suffix(1);
    const bool padded = bare.size() != text.size();
    if (bare.size() % 4 == 1) return std::nullopt;
    if (padded && (text.size() % 4 != 0 || text.size() - bare.size() > 2)) return std::nullopt;
    return bare;
}

bool append_decoded(ByteBuffer& to, std::string_view bare) {
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : bare) {
        const std::uint8_t value = values[static_cast<std::uint8_t>(c)];
        if (value == invalid) return false;
        bits = bits << 6 | value;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        to.push_back(static_cast<std::uint8_t>(bits >> count));
    }
    return (bits & ((1U << count) - 1)) == 0;
}

}  // namespace

void append_base64(ByteBuffer& to, Bytes bytes) {
    std::size_t at = 0;
    std::size_t written = to.size();
    to.resize(written + bytes.size() / 3 * 4);
    for (; bytes.size() - at >= 3; at += 3) {
        const std::uint32_t group = std::uint32_t{bytes[at]} << 16 | std::uint32_t{bytes[at + 1]} << 8 | bytes[at + 2];
        for (const unsigned shift : {18U, 12U, 6U, 0U}) to[written++] = character(group, shift);
    }
    if (at < bytes.size()) append_last_group(to, bytes.subspan(at));
}

bool append_from_base64(ByteBuffer& to, std::string_view text) {
    const std::optional<std::string_view> bare = unpadded(text);
    const std::size_t before = to.size();
    if (bare && append_decoded(to, *bare)) return true;
    to.resize(before);
    return false;
}

}  // namespace junctor
