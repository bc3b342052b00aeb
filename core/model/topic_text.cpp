#include "core/model/topic_text.hpp"

#include <cstdint>
#include <cstring>

#include "core/base/utf8.hpp"
#include "core/model/topic.hpp"

namespace junctor {
namespace {

constexpr std::uint64_t each_byte = 0x0101'0101'0101'0101;
constexpr std::uint64_t high_bits = 0x80 * each_byte;

/// The high bit of each byte of an ASCII word that is less than `limit`.
constexpr std::uint64_t bytes_below(std::uint64_t word, std::uint8_t limit) noexcept {
    return ~((word | high_bits) - limit * each_byte) & high_bits;
}
constexpr std::uint64_t bytes_equal(std::uint64_t word, char character) noexcept {
    return bytes_below(word ^ static_cast<std::uint8_t>(character) * each_byte, 1);
}

/// What has been seen, eight bytes at a time. A word with a byte beyond ASCII may be misread: then only `beyond_ascii` counts.
struct Seen {
    void add(std::uint64_t word) noexcept {
        beyond_ascii |= word & high_bits;
        control |= bytes_below(word, 0x20) | bytes_equal(word, '\x7f');
        plus |= bytes_equal(word, '+');
        hash |= bytes_equal(word, '#');
        slashes += (bytes_equal(word, '/') >> 7) * each_byte >> 56;  // the sum of its bytes, each 0 or 1
    }

    std::uint64_t beyond_ascii = 0;
    std::uint64_t control = 0;
    std::uint64_t plus = 0;
    std::uint64_t hash = 0;
    std::size_t slashes = 0;
};

std::uint64_t word_at(const char* at) noexcept {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

Seen look_at(std::string_view text) noexcept {
    Seen seen;
    for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) seen.add(word_at(text.data()));
    std::uint64_t rest = 'a' * each_byte;
    for (const char character : text) rest = rest << 8 | static_cast<std::uint8_t>(character);
    if (!text.empty()) seen.add(rest);
    return seen;
}

/// The same for text beyond ASCII, whose multi-byte characters hold none of the bytes looked for.
Seen look_at_each(std::string_view text) noexcept {
    Seen seen;
    for (const char character : text)
        if (static_cast<std::uint8_t>(character) < 0x80) seen.add('a' * (each_byte << 8) | static_cast<std::uint8_t>(character));
    return seen;
}

/// U+0080 to U+009F, the control characters beyond ASCII.
bool holds_c1_control(std::string_view text) noexcept {
    for (std::size_t at = text.find('\xc2'); at != text.npos; at = text.find('\xc2', at + 1))
        if (at + 1 < text.size() && static_cast<std::uint8_t>(text[at + 1]) < 0xa0) return true;
    return false;
}

}  // namespace

TopicText scan_topic_text(std::string_view text) noexcept {
    if (text.empty() || text.size() > max_topic_bytes) return {};
    Seen seen = look_at(text);
    if (seen.beyond_ascii) {
        if (!valid_utf8(text) || holds_c1_control(text)) return {};
        seen = look_at_each(text);
    }
    if (seen.control || seen.slashes >= max_topic_levels) return {};
    return {true, seen.plus != 0, seen.hash != 0};
}

}  // namespace junctor
