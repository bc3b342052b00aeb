#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "core/base/clock.hpp"

namespace junctor {

/// Keeps any one area from filling the log: a bucket of lines per area that refills every second. Not thread-safe.
class LogLimiter {
public:
    static constexpr std::uint32_t lines_per_second = 200;

    /// May `area` (static text) write a line now? Then: how many of its lines have been dropped since its last.
    std::optional<std::uint64_t> admit(std::string_view area, TimePoint now);

private:
    struct Bucket {
        TimePoint filled_at;
        std::uint32_t left = lines_per_second;
        std::uint64_t dropped = 0;
    };
    std::map<std::string_view, Bucket> buckets_;
};

}  // namespace junctor
