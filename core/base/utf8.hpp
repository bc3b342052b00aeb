#pragma once

#include <cstddef>
#include <string_view>

namespace junctor {

/// True for well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. NUL is valid here.
bool valid_utf8(std::string_view text) noexcept;

/// How many bytes the well-formed UTF-8 sequence at the beginning of `text` has; 0 when there is none.
std::size_t utf8_sequence(std::string_view text) noexcept;

}  // namespace junctor
