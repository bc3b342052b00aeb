#include "core/base/hash.hpp"

#include <cstring>
#include <random>

namespace junctor {
namespace {

__extension__ typedef unsigned __int128 Product;

struct Keys {
    std::uint64_t first;
    std::uint64_t second;
};

Keys draw() {
    std::random_device source;
    const auto word = [&] { return std::uint64_t{source()} << 32 | source(); };
    return {word() | 1, word() | 1};
}

Keys keys = draw();

/// Both factors carry a secret, so that no input can force one of them to zero.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    const Product product = static_cast<Product>(a ^ keys.first) * (b ^ keys.second);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t word_at(const char* at) noexcept {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

std::uint64_t half_at(const char* at) noexcept {
    std::uint32_t half;
    std::memcpy(&half, at, sizeof half);
    return half;
}

/// Up to eight bytes as one number; the reads overlap, the length tells such inputs apart.
std::uint64_t short_word(const char* at, std::size_t size) noexcept {
    if (size >= 4) return half_at(at) << 32 | half_at(at + size - 4);
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < size; ++i) word = word << 8 | static_cast<std::uint8_t>(at[i]);
    return word;
}

}  // namespace

// Small seeds as they are would make poor keys: multiplied by odd constants their bits are everywhere.
void fix_hash_keys(std::uint64_t seed) noexcept {
    keys = {((seed + 1) * 0x9e3779b97f4a7c15) | 1, ((seed + 1) * 0xd1b54a32d192ed03) | 1};
}

std::uint64_t hash_text(std::string_view text, std::uint64_t salt) noexcept {
    std::uint64_t state = fold(salt, text.size());
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left > 16; at += 16, left -= 16) state = fold(word_at(at) ^ state, word_at(at + 8));
    if (left > 8) return fold(word_at(at) ^ state, word_at(at + left - 8));
    return fold(short_word(at, left) ^ state, left);
}

}  // namespace junctor
