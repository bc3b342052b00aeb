#pragma once

#include "core/base/clock.hpp"

namespace junctor {

/// The machine's time: CLOCK_MONOTONIC for timers, CLOCK_REALTIME for people.
class SystemClock final : public Clock {
public:
    TimePoint now() const noexcept override;
    WallTime wall() const noexcept override;
};

}  // namespace junctor
