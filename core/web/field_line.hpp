#pragma once

#include <optional>
#include <string_view>

namespace junctor::web {

/// One header or trailer field as views into its line.
struct FieldLine {
    std::string_view name;
    std::string_view value;  ///< without the white space around it

    /// Strict RFC 9112 section 5: no folding, no white space before the colon, a token as the name, no control bytes.
    static std::optional<FieldLine> parse(std::string_view line) noexcept;
};

/// RFC 9110 section 5.6.2; at least one character.
bool is_token(std::string_view text) noexcept;

/// No control bytes besides the tab: nothing that would end the field.
bool is_field_value(std::string_view text) noexcept;

/// Whether a comma-separated list (`Connection`, `Upgrade`, ...) holds `element`, whatever its case.
bool list_contains(std::string_view list, std::string_view element) noexcept;

std::string_view trim_blanks(std::string_view text) noexcept;

}  // namespace junctor::web
