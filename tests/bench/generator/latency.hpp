#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bench {

/// Counts of latencies in buckets that are at most 1/16 of their value wide.
class Latency {
public:
    void add(std::uint64_t ns) noexcept;
    /// The upper edge of the bucket that `fraction` of all values do not exceed; 0 without values.
    double percentile_us(double fraction) const noexcept;

private:
    static constexpr std::size_t steps = 16;  // per power of two
    std::array<std::uint64_t, 64 * steps> counts_{};
    std::uint64_t total_ = 0;
};

}  // namespace bench
