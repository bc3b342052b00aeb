#include "core/base/z85.hpp"

#include <algorithm>

namespace junctor {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

}  // namespace

std::string to_z85(Bytes bytes) {
    std::string text;
    if (bytes.size() % 4 != 0) return text;
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
        std::uint32_t value =
            std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
        std::string digits(5, '0');
        for (std::size_t digit = 5; digit-- > 0; value /= 85) digits[digit] = alphabet[value % 85];
        text += digits;
    }
    return text;
}

bool z85_characters(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return alphabet.find(c) != std::string_view::npos; });
}

}  // namespace junctor
