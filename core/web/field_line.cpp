#include "core/web/field_line.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace junctor::web {
namespace {

bool token_character(char c) noexcept {
    const char l = ascii_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool value_character(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

}  // namespace

bool is_token(std::string_view text) noexcept { return !text.empty() && std::ranges::all_of(text, token_character); }

bool is_field_value(std::string_view text) noexcept { return std::ranges::all_of(text, value_character); }

std::string_view trim_blanks(std::string_view text) noexcept {
    const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

std::optional<FieldLine> FieldLine::parse(std::string_view line) noexcept {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const FieldLine field{line.substr(0, colon), trim_blanks(line.substr(colon + 1))};
    if (!is_token(field.name) || !is_field_value(field.value)) return std::nullopt;
    return field;
}

bool list_contains(std::string_view list, std::string_view element) noexcept {
    while (!list.empty()) {
        const std::string_view item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        if (equal_ignoring_case(trim_blanks(item), element)) return true;
    }
    return false;
}

}  // namespace junctor::web
