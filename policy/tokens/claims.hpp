#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace junctor {

/// The claim of that name; where there is none and the name has dots, the member that it leads to (`realm_access.roles`). Null: none.
const nlohmann::json* find_claim(const nlohmann::json& claims, std::string_view path);

/// A string, number or boolean as text; the strings of an array with spaces between. Nothing for anything else.
std::optional<std::string> claim_text(const nlohmann::json& claim);

/// An array of strings, or a string with spaces between (as `scope` has them). Nothing for anything else.
std::optional<std::vector<std::string>> claim_texts(const nlohmann::json& claim);

/// A point in time (RFC 7519 section 2, NumericDate): whole seconds since 1970, up to the year 9999, of which what is
/// after 2200 counts as then. nullopt where it is absent;
/// TokenErrc::bad_claim for strings, fractions, negative and larger numbers.
Result<std::optional<WallTime>> claim_time(const nlohmann::json& claims, std::string_view name);

}  // namespace junctor
