#include "core/config/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace junctor::config {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<Unit, 7> duration_units{{{"d", 86'400'000'000'000},
                                              {"h", 3'600'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"s", 1'000'000'000},
                                              {"ms", 1'000'000},
                                              {"us", 1'000},
                                              {"ns", 1}}};

constexpr std::array<Unit, 12> size_units{{{"GiB", 1 << 30},
                                           {"MiB", 1 << 20},
                                           {"KiB", 1 << 10},
                                           {"g", 1 << 30},
                                           {"m", 1 << 20},
                                           {"k", 1 << 10},
                                           {"G", 1 << 30},
                                           {"M", 1 << 20},
                                           {"K", 1 << 10},
                                           {"GB", 1'000'000'000},
                                           {"MB", 1'000'000},
                                           {"kB", 1'000}}};

std::optional<std::int64_t> factor_of(std::string_view name, std::span<const Unit> units) {
    for (const Unit& unit : units)
        if (unit.name == name) return unit.factor;
    return std::nullopt;
}

std::optional<std::int64_t> scaled(double number, std::int64_t factor) {
    const double value = number * static_cast<double>(factor);
    if (!(value >= 0) || value >= 9.2e18) return std::nullopt;
    return static_cast<std::int64_t>(std::llround(value));
}

/// `bare` is the factor of a number without a unit; none where a unit must stand.
std::optional<std::int64_t> parse(std::string_view text, std::span<const Unit> units, std::optional<std::int64_t> bare) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(number) || text.front() == '-') return std::nullopt;
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    const auto factor = !unit.empty() ? factor_of(unit, units) : number == 0 ? std::optional<std::int64_t>(1) : bare;
    return factor ? scaled(number, *factor) : std::nullopt;
}

std::string shortest(std::int64_t value, std::span<const Unit> units, std::string_view otherwise) {
    for (const Unit& unit : units)
        if (value != 0 && value % unit.factor == 0) return std::to_string(value / unit.factor) + std::string(unit.name);
    return std::to_string(value) + std::string(otherwise);
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    const auto nanoseconds = parse(text, duration_units, std::nullopt);
    return nanoseconds ? std::optional<Duration>(*nanoseconds) : std::nullopt;
}

std::optional<std::int64_t> parse_size(std::string_view text) { return parse(text, size_units, 1); }

std::string duration_text(Duration duration) { return shortest(duration.count(), duration_units, "s"); }

std::string size_text(std::int64_t bytes) { return shortest(bytes, std::span(size_units).first(3), ""); }

}  // namespace junctor::config
