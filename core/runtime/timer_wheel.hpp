#pragma once

#include "core/base/clock.hpp"

namespace junctor {

class TimerWheel;

/// Something that wants to be woken. Intrusive: it costs no allocation, sits on at most one wheel, and leaves it when destroyed.
class Timer {
public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    virtual ~Timer();

    bool armed() const noexcept { return wheel_ != nullptr; }

    /// Called once per `TimerWheel::arm`, never before its time; may arm itself again or destroy itself.
    virtual void expired(TimePoint now) noexcept = 0;

private:
    friend class TimerWheel;
    TimerWheel* wheel_ = nullptr;
    Timer* previous_ = nullptr;
    Timer* next_ = nullptr;
    TimePoint due_;
};

}  // namespace junctor
