#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace junctor::config {

/// The candidate that somebody probably meant: at most a third of the letters differ (a swap counts once).
std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// `; did you mean 'address'?`, or `; valid here: a, b, c` when nothing is near.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace junctor::config
