#include "core/store/clock_pair.hpp"

namespace junctor {

namespace {

constexpr std::chrono::milliseconds furthest = std::chrono::hours(24 * 365 * 100);

/// How far `time` is from `origin`. Compared before it is subtracted: the difference of any two numbers may not fit.
template <class Time>
std::chrono::milliseconds distance(Time origin, Time time) noexcept {
    if (time >= origin + furthest) return furthest;
    if (time <= origin - furthest) return -furthest;
    return std::chrono::floor<std::chrono::milliseconds>(time - origin);
}

}  // namespace

WallTime ClockPair::to_wall(TimePoint time) const noexcept { return wall + distance(now, time); }

TimePoint ClockPair::to_monotonic(WallTime time) const noexcept { return now + distance(wall, time); }

}  // namespace junctor
