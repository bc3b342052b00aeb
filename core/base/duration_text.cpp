#include "core/base/duration_text.hpp"

#include <charconv>

namespace junctor {
namespace {

std::optional<double> unit_seconds(std::string_view unit) noexcept {
    if (unit.empty() || unit == "s") return 1;
    if (unit == "ms") return 0.001;
    if (unit == "us") return 0.000'001;
    if (unit == "m") return 60;
    if (unit == "h") return 3'600;
    if (unit == "d") return 86'400;
    return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) noexcept {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc()) return std::nullopt;
    const std::optional<double> unit = unit_seconds({rest, static_cast<std::size_t>(end - rest)});
    if (!unit) return std::nullopt;
    const double seconds = number * *unit;
    // Written so that a NaN fails as well.
    if (!(seconds >= 0 && seconds <= std::chrono::duration<double>(max_duration).count())) return std::nullopt;
    return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace junctor
