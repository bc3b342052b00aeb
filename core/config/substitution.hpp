#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace junctor::config {

/// Looks a variable up; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The process environment.
Environment process_environment();

/// Replaces `${NAME}` and `${NAME:-default}` (which stands in for an unset or empty variable); `$${` is a literal `${`.
/// Works on one value after parsing, so that a variable can never add keys. On failure the sentence says why.
struct Substituted {
    std::string text;
    std::string problem;  ///< empty: none
};
Substituted substitute(std::string_view text, const Environment& environment);

}  // namespace junctor::config
