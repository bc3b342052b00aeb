#pragma once

#include <array>
#include <cstdint>

#include "core/base/clock.hpp"

namespace junctor {

class TimerWheel;

/// A place in a circular list of timers; a list's head is one too.
struct TimerLink {
    TimerLink* after = nullptr;
    TimerLink* before = nullptr;
};

/// Something that wants to be woken. Intrusive: it costs no allocation, sits on at most one wheel, and leaves it when destroyed.
class Timer : private TimerLink {
public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    virtual ~Timer();

    bool armed() const noexcept { return after != nullptr; }
    /// When it was last armed for, or the next tick if that had passed.
    TimePoint due() const noexcept { return due_; }

    /// Called once per `TimerWheel::arm`, never before its time; may arm itself again or destroy itself.
    virtual void expired(TimePoint now) noexcept = 0;

private:
    friend class TimerWheel;
    TimePoint due_;
};

/// The timers of one core, hashed by due time into levels of ever coarser slots: arm, cancel and fire cost O(1).
/// Fires up to one tick (about 1 ms) late, in order of due tick, then of arming. Knows no clock: whoever drives the core says the time.
class TimerWheel {
public:
    static constexpr Duration tick{1 << 20};

    /// `now` is the time line's present: nothing before it can be armed.
    explicit TimerWheel(TimePoint now) noexcept;
    ~TimerWheel();
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    /// Arms `timer`, or arms it anew. What is due already fires at the next `advance` that moves time.
    void arm(Timer& timer, TimePoint due) noexcept;
    /// Does nothing where `timer` is not armed.
    void cancel(Timer& timer) noexcept;

    /// Calls `expired` of everything due by `now`. Timers armed meanwhile wait for the next call.
    void advance(TimePoint now) noexcept;

    /// When `advance` has work to do at the earliest (perhaps only internal); TimePoint::max() when nothing is armed.
    TimePoint next_due() noexcept;

private:
    static constexpr unsigned slot_bits = 6;
    static constexpr unsigned slots = 1U << slot_bits;
    static constexpr unsigned levels = 6;  // 2.3 years; what is due later is looked at again then

    struct Level {
        std::array<TimerLink, slots> heads;
        std::uint64_t occupied = 0;  ///< slots that may hold timers; a timer that leaves does not clear its bit
    };

    void place(Timer& timer) noexcept;
    void enter(std::uint64_t at) noexcept;
    void cascade(Level& level, unsigned slot) noexcept;
    void fire(TimePoint now) noexcept;
    std::uint64_t next_tick() noexcept;

    std::array<Level, levels> levels_;
    std::uint64_t now_;     ///< the tick up to which everything has fired
    std::uint64_t target_;  ///< the tick that `advance` moves to: what is armed meanwhile fires after it
};

}  // namespace junctor
