#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace junctor {

/// A hop path names the gateways and brokers that a message has crossed, oldest first, separated by commas (`Extras::hops`). Who
/// finds itself in it drops the message: it has been here before.
inline constexpr std::size_t max_hop_path = 255;
inline constexpr std::size_t max_hop_name = 64;

/// `text` as a name in a path: what is no letter, digit, `.`, `-`, `_` or `:` becomes `_`.
std::string hop_name(std::string_view text);
/// Is this a path that somebody can have made by the functions below? The empty one is.
bool is_hop_path(std::string_view path) noexcept;
bool crossed(std::string_view path, std::string_view name) noexcept;
/// Empty where the path is.
std::string_view last_hop(std::string_view path) noexcept;
std::string_view without_last_hop(std::string_view path) noexcept;
/// Nothing where it would get too long: so many hops are a loop as well. A name that stands at the end already is not added.
std::optional<std::string> with_hop(std::string_view path, std::string_view name);

}  // namespace junctor
