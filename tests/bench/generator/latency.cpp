#include "tests/bench/generator/latency.hpp"

#include <bit>
#include <cmath>

namespace bench {

void Latency::add(std::uint64_t ns) noexcept {
    const std::uint64_t value = ns < 16 ? 16 : ns;
    const auto exponent = static_cast<std::size_t>(std::bit_width(value) - 1);
    const auto step = static_cast<std::size_t>(value >> (exponent - 4)) - steps;
    ++counts_[exponent * steps + step];
    ++total_;
}

double Latency::percentile_us(double fraction) const noexcept {
    auto left = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(total_)));
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
        if (counts_[bucket] >= left && left > 0) {
            const double edge = static_cast<double>(steps + bucket % steps + 1) / static_cast<double>(steps);
            return std::ldexp(edge, static_cast<int>(bucket / steps)) / 1000.0;
        }
        left -= counts_[bucket];
    }
    return 0;
}

}  // namespace bench
