#pragma once

#include <chrono>

namespace junctor {

using Duration = std::chrono::nanoseconds;

/// Tag of the monotonic time line: timers, keep-alive and expiry live on it, so that a clock jump moves nothing.
struct Monotonic {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Monotonic>;
    static constexpr bool is_steady = true;
};

using TimePoint = Monotonic::time_point;

/// Civil time, for what people and tokens see; never for a timer.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// The source of time. Injected everywhere, so that tests and the simulation own it. Safe to call on every core.
class Clock {
public:
    virtual ~Clock() = default;
    virtual TimePoint now() const noexcept = 0;
    virtual WallTime wall() const noexcept = 0;
};

}  // namespace junctor
