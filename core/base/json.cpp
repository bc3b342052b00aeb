#include "core/base/json.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace junctor {
namespace {

/// What follows the backslash; 0: needs none, 'u': a hexadecimal escape.
constexpr std::array<char, 256> escapes = [] {
    std::array<char, 256> table{};
    for (std::size_t control = 0; control < 0x20; ++control) table[control] = 'u';
    table['\b'] = 'b';
    table['\t'] = 't';
    table['\n'] = 'n';
    table['\f'] = 'f';
    table['\r'] = 'r';
    table['"'] = '"';
    table['\\'] = '\\';
    return table;
}();

void append_escape(ByteBuffer& to, std::uint8_t c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const char escape = escapes[c];
    append(to, std::string_view("\\"));
    append(to, std::string_view(&escape, 1));
    if (escape != 'u') return;
    append(to, std::string_view("00"));
    append(to, digits.substr(c >> 4, 1));
    append(to, digits.substr(c & 15, 1));
}

}  // namespace

Result<nlohmann::json> parse_json(Bytes text, const JsonLimits& limits) {
    const JsonDocument document = read_json(as_text(text), limits);
    if (document.error != JsonErrc::ok) return make_error_code(document.error);
    nlohmann::json built = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    // Only a number beyond the range of a double is left to go wrong.
    if (built.is_discarded()) return make_error_code(JsonErrc::too_large);
    return built;
}

void append_json_string(ByteBuffer& to, std::string_view text) {
    to.push_back('"');
    std::size_t plain_from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto c = static_cast<std::uint8_t>(text[at]);
        if (escapes[c] == 0) continue;
        append(to, text.substr(plain_from, at - plain_from));
        append_escape(to, c);
        plain_from = at + 1;
    }
    append(to, text.substr(plain_from));
    to.push_back('"');
}

}  // namespace junctor
