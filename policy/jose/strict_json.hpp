#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "core/base/json_reader.hpp"
#include "core/base/result.hpp"

namespace junctor::jose {

/// What tokens and keys may cost before anything is built from them.
inline constexpr JsonLimits token_json{.nesting = 16, .bytes = 64 << 10, .values = 4'096};
inline constexpr JsonLimits key_set_json{.nesting = 8, .bytes = 256 << 10, .values = 16'384};

/// An object in which no name stands twice, at any depth: readers that keep the first and readers that keep the last would see
/// different ones (RFC 7515 section 4). JoseErrc::malformed otherwise.
Result<nlohmann::json> parse_strict_object(std::string_view text, const JsonLimits& limits);

/// The member where it is a string; null otherwise.
const std::string* string_member(const nlohmann::json& object, std::string_view name);

}  // namespace junctor::jose
