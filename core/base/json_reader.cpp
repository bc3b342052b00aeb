#include "core/base/json_reader.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/json_scanner.hpp"

namespace junctor {
namespace {

constexpr std::string_view space = " \t\n\r";

std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

JsonValue::Type type_of(char first) noexcept {
    switch (first) {
        case '{': return JsonValue::Type::object;
        case '[': return JsonValue::Type::array;
        case '"': return JsonValue::Type::string;
        case 't':
        case 'f': return JsonValue::Type::boolean;
        case 'n': return JsonValue::Type::null;
        default: return JsonValue::Type::number;
    }
}

/// The functions below read checked text only: every string and bracket in it is closed.
/// A quote behind an odd number of backslashes belongs to the string.
std::size_t string_size(std::string_view text) noexcept {
    for (std::size_t at = 1;; ++at) {
        at = text.find('"', at);
        std::size_t backslashes = 0;
        while (text[at - 1 - backslashes] == '\\') ++backslashes;
        if (backslashes % 2 == 0) return at + 1;
    }
}

std::size_t container_size(std::string_view text) noexcept {
    std::size_t depth = 0;
    for (std::size_t at = 0;; ++at) {
        at = text.find_first_of("\"[]{}", at);
        if (text[at] == '"') at += string_size(text.substr(at)) - 1;
        else if (text[at] == '[' || text[at] == '{') ++depth;
        else if (--depth == 0) return at + 1;
    }
}

std::size_t value_size(std::string_view text, JsonValue::Type type) noexcept {
    switch (type) {
        case JsonValue::Type::string: return string_size(text);
        case JsonValue::Type::array:
        case JsonValue::Type::object: return container_size(text);
        default: return std::min(text.find_first_of(" \t\n\r,]}"), text.size());
    }
}

void append_utf8(ByteBuffer& to, std::uint32_t code) {
    const auto byte = [&](std::uint32_t value) { to.push_back(static_cast<std::uint8_t>(value)); };
    const auto continuation = [&](unsigned shift) { byte(0x80 | (code >> shift & 0x3f)); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) return byte(0xc0 | code >> 6), continuation(0);
    if (code < 0x10000) return byte(0xe0 | code >> 12), continuation(6), continuation(0);
    byte(0xf0 | code >> 18), continuation(12), continuation(6), continuation(0);
}

std::uint32_t utf16_unit(std::string_view hex) noexcept {
    std::uint32_t unit = 0;
    std::from_chars(hex.data(), hex.data() + 4, unit, 16);
    return unit;
}

/// Takes `uXXXX`, or a pair of them, from the beginning of `rest`.
std::uint32_t take_code_point(std::string_view& rest) noexcept {
    const std::uint32_t unit = utf16_unit(rest.substr(1));
    rest.remove_prefix(5);
    if (unit < 0xd800 || unit > 0xdbff) return unit;
    const std::uint32_t low = utf16_unit(rest.substr(2));
    rest.remove_prefix(6);
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

char unescaped(char c) noexcept {
    switch (c) {
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return c;
    }
}

}  // namespace

JsonDocument read_json(std::string_view text, const JsonLimits& limits) noexcept {
    JsonScanner scanner(text, limits);
    JsonDocument document;
    document.error = scanner.run();
    document.error_at = scanner.at();
    if (document.error != JsonErrc::ok) return document;
    document.root.text = trimmed(text);
    document.root.type = type_of(document.root.text.front());
    return document;
}

JsonCursor::JsonCursor(const JsonValue& container) noexcept : rest_(container.text.substr(1)) {}

/// Moves to the next value or name; false at the closing bracket.
bool JsonCursor::at_value() noexcept {
    rest_.remove_prefix(rest_.find_first_not_of(" \t\n\r,:"));
    return rest_.front() != ']' && rest_.front() != '}';
}

JsonValue JsonCursor::take() noexcept {
    JsonValue value;
    value.type = type_of(rest_.front());
    value.text = rest_.substr(0, value_size(rest_, value.type));
    rest_.remove_prefix(value.text.size());
    return value;
}

bool JsonCursor::next(JsonValue& element) noexcept {
    if (!at_value()) return false;
    element = take();
    return true;
}

bool JsonCursor::next(JsonValue& name, JsonValue& value) noexcept {
    if (!next(name)) return false;
    return next(value);
}

void append_decoded(ByteBuffer& to, const JsonValue& string) {
    std::string_view rest = string.bare();
    for (;;) {
        const std::size_t escape = rest.find('\\');
        append(to, rest.substr(0, escape));
        if (escape == std::string_view::npos) return;
        rest.remove_prefix(escape + 1);
        if (rest.front() == 'u') {
            append_utf8(to, take_code_point(rest));
        } else {
            to.push_back(static_cast<std::uint8_t>(unescaped(rest.front())));
            rest.remove_prefix(1);
        }
    }
}

}  // namespace junctor
