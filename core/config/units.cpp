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

constexpr std::array<Unit, 6> duration_units{
    {{"d", 86'400'000'000'000}, {"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}}};

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

std::optional<std::int64_t> factor_of(std::string_view unit) {
    if (unit.empty()) return 1;
    for (const Unit& known : size_units)
        if (known.name == unit) return known.factor;
    return std::nullopt;
}

std::string shortest(std::int64_t value, std::span<const Unit> units, std::string_view otherwise) {
    for (const Unit& unit : units)
        if (value != 0 && value % unit.factor == 0) return std::to_string(value / unit.factor) + std::string(unit.name);
    return std::to_string(value) + std::string(otherwise);
}

}  // namespace

std::optional<std::int64_t> parse_size(std::string_view text) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    const auto factor = factor_of({rest, static_cast<std::size_t>(end - rest)});
    if (error != std::errc{} || !factor) return std::nullopt;
    const double bytes = number * static_cast<double>(*factor);
    // Written so that a NaN fails as well; the bound is what a double holds exactly.
    if (!(bytes >= 0 && bytes <= 9e15)) return std::nullopt;
    return std::llround(bytes);
}

std::string duration_text(Duration duration) { return shortest(duration.count(), duration_units, "s"); }

std::string size_text(std::int64_t bytes) { return shortest(bytes, std::span(size_units).first(3), ""); }

}  // namespace junctor::config
