#include "core/model/topic_text.hpp"

#include <array>
#include <cstdint>

#include "core/base/utf8.hpp"
#include "core/model/topic.hpp"

namespace junctor {
namespace {

enum Class : std::uint8_t { plain = 0, plus = 1, hash = 2, control = 4, beyond_ascii = 8 };

constexpr std::array<std::uint8_t, 256> classes = [] {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t byte = 0; byte < 0x20; ++byte) table[byte] = control;
    table[0x7f] = control;
    table['+'] = plus;
    table['#'] = hash;
    for (std::size_t byte = 0x80; byte < 256; ++byte) table[byte] = beyond_ascii;
    return table;
}();

/// U+0080 to U+009F, the control characters beyond ASCII.
bool holds_c1_control(std::string_view text) noexcept {
    for (std::size_t at = text.find('\xc2'); at != text.npos; at = text.find('\xc2', at + 1))
        if (at + 1 < text.size() && static_cast<std::uint8_t>(text[at + 1]) < 0xa0) return true;
    return false;
}

}  // namespace

TopicText scan_topic_text(std::string_view text) noexcept {
    if (text.empty() || text.size() > max_topic_bytes) return {};
    std::uint8_t seen = 0;
    std::size_t levels = 1;
    for (const char character : text) {
        seen |= classes[static_cast<std::uint8_t>(character)];
        levels += character == '/';
    }
    if ((seen & control) || levels > max_topic_levels) return {};
    if ((seen & beyond_ascii) && (!valid_utf8(text) || holds_c1_control(text))) return {};
    return {true, (seen & plus) != 0, (seen & hash) != 0};
}

}  // namespace junctor
