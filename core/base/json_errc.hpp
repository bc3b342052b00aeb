#pragma once

#include <cstdint>

#include "core/base/result.hpp"

namespace junctor {

/// Why bytes are not taken as a JSON document (RFC 8259).
enum class JsonErrc : std::uint8_t {
    ok = 0,
    syntax,       ///< not JSON, or cut short
    bad_utf8,     ///< a string that is not UTF-8, or an escape that stands for no character
    too_deep,     ///< nested beyond the limit
    too_large,    ///< more bytes or values than the limit
};

const boost::system::error_category& json_category() noexcept;
inline ErrorCode make_error_code(JsonErrc code) noexcept { return {static_cast<int>(code), json_category()}; }

}  // namespace junctor

template <>
struct boost::system::is_error_code_enum<junctor::JsonErrc> : std::true_type {};
