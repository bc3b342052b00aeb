#include "core/runtime/system_clock.hpp"

namespace junctor {

TimePoint SystemClock::now() const noexcept {
    return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

WallTime SystemClock::wall() const noexcept {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace junctor
