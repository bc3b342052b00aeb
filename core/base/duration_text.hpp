#pragma once

#include <optional>
#include <string_view>

#include "core/base/clock.hpp"

namespace junctor {

/// Reads a duration as people write it: `250ms`, `30s`, `1.5m`, `12h`, `7d`; a bare number counts seconds.
/// Nothing for anything else, for a negative one, and above `max_duration`.
std::optional<Duration> parse_duration(std::string_view text) noexcept;

/// What MQTT can express (2^32 - 1 s, 136 years); a point in time plus this much never overflows.
inline constexpr Duration max_duration = std::chrono::seconds(4'294'967'295);

}  // namespace junctor
