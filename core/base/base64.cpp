#include "core/base/base64.hpp"

#include <array>

namespace junctor {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t invalid = 0xff;

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(char sixty_second, char sixty_third) {
    Values table{};
    table.fill(invalid);
    for (std::uint8_t value = 0; value < 62; ++value) table[static_cast<std::uint8_t>(alphabet[value])] = value;
    table[static_cast<std::uint8_t>(sixty_second)] = 62;
    table[static_cast<std::uint8_t>(sixty_third)] = 63;
    return table;
}

constexpr Values values = values_of('+', '/');
constexpr Values url_values = values_of('-', '_');

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

/// Four characters stand for three bytes; false where one of them is none of the alphabet.
bool decode_groups(std::string_view groups, const Values& table, std::uint8_t* to) noexcept {
    const auto value_of = [&](char c) -> std::uint32_t { return table[static_cast<std::uint8_t>(c)]; };
    std::uint32_t seen = 0;
    for (; !groups.empty(); groups.remove_prefix(4)) {
        const std::uint32_t a = value_of(groups[0]), b = value_of(groups[1]), c = value_of(groups[2]), d = value_of(groups[3]);
        seen |= a | b | c | d;
        const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
        *to++ = static_cast<std::uint8_t>(group >> 16);
        *to++ = static_cast<std::uint8_t>(group >> 8);
        *to++ = static_cast<std::uint8_t>(group);
    }
    return seen < 64;
}

/// Two or three characters at the end stand for one or two bytes; the bits that are left over must be zero.
bool decode_last(std::string_view last, const Values& table, ByteBuffer& to) {
    if (last.empty()) return true;
    const auto value_of = [&](char c) -> std::uint32_t { return table[static_cast<std::uint8_t>(c)]; };
    const std::uint32_t a = value_of(last[0]), b = value_of(last[1]), c = last.size() > 2 ? value_of(last[2]) : 0;
    if ((a | b | c) >= 64 || (last.size() > 2 ? c & 3 : b & 15) != 0) return false;
    to.push_back(static_cast<std::uint8_t>(a << 2 | b >> 4));
    if (last.size() > 2) to.push_back(static_cast<std::uint8_t>(b << 4 | c >> 2));
    return true;
}

bool decode(std::string_view bare, const Values& table, ByteBuffer& to) {
    const std::size_t before = to.size();
    const std::size_t whole = bare.size() / 4 * 4;
    to.resize(before + whole / 4 * 3);
    if (decode_groups(bare.substr(0, whole), table, to.data() + before) && decode_last(bare.substr(whole), table, to)) return true;
    to.resize(before);
    return false;
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
    return bare && decode(*bare, values, to);
}

bool append_from_base64url(ByteBuffer& to, std::string_view text) { return text.size() % 4 != 1 && decode(text, url_values, to); }

}  // namespace junctor
