#include "core/base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace junctor {
namespace {

/// Which bytes may begin a sequence, how long it is, and what its second byte may be: table 3-7 of the Unicode standard.
struct Lead {
    std::uint8_t first;
    std::uint8_t last;
    std::uint8_t size;
    std::uint8_t second_from;
    std::uint8_t second_to;
};

constexpr Lead leads[] = {
    {0x00, 0x7f, 1, 0x00, 0x00}, {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf}, {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf},
    {0xf4, 0xf4, 4, 0x80, 0x8f},
};

std::uint8_t byte_at(std::string_view text, std::size_t at) noexcept { return static_cast<std::uint8_t>(text[at]); }

bool continues(std::string_view text, const Lead& lead) noexcept {
    if (text.size() < lead.size) return false;
    if (lead.size > 1 && (byte_at(text, 1) < lead.second_from || byte_at(text, 1) > lead.second_to)) return false;
    for (std::size_t at = 2; at < lead.size; ++at)
        if ((byte_at(text, at) & 0xc0) != 0x80) return false;
    return true;
}

/// Most text is ASCII: eight bytes at a time.
std::size_t ascii_run(std::string_view text) noexcept {
    std::size_t at = 0;
    for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, sizeof word);
        if (word & 0x8080'8080'8080'8080) break;
    }
    while (at < text.size() && byte_at(text, at) < 0x80) ++at;
    return at;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const std::uint8_t first = byte_at(text, 0);
    for (const Lead& lead : leads)
        if (first >= lead.first && first <= lead.last) return continues(text, lead) ? lead.size : 0;
    return 0;
}

bool valid_utf8(std::string_view text) noexcept {
    for (;;) {
        text.remove_prefix(ascii_run(text));
        if (text.empty()) return true;
        const std::size_t size = utf8_sequence(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
}

}  // namespace junctor
