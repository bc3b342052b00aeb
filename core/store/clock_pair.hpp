#pragma once

#include "core/base/clock.hpp"

namespace junctor {

/// One reading of both clocks: times that are to outlive the process are kept as civil time and come back as monotonic time.
/// Answers are within a hundred years of the reading, whatever the numbers: stored ones may be anything.
struct ClockPair {
    TimePoint now;
    WallTime wall;

    WallTime to_wall(TimePoint time) const noexcept;
    TimePoint to_monotonic(WallTime time) const noexcept;
};

}  // namespace junctor
