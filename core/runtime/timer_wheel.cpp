#include "core/runtime/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace junctor {

namespace {

constexpr std::uint64_t no_tick = std::numeric_limits<std::uint64_t>::max();

std::uint64_t floor_tick(TimePoint time) noexcept {
    return static_cast<std::uint64_t>(std::max<Duration::rep>(time.time_since_epoch().count(), 0) / TimerWheel::tick.count());
}

std::uint64_t ceil_tick(TimePoint time) noexcept {
    const std::uint64_t floor = floor_tick(time);
    return time.time_since_epoch().count() > static_cast<Duration::rep>(floor) * TimerWheel::tick.count() ? floor + 1 : floor;
}

TimePoint time_of(std::uint64_t at) noexcept { return TimePoint(TimerWheel::tick * static_cast<Duration::rep>(at)); }

void unlink(TimerLink& link) noexcept {
    link.before->after = link.after;
    link.after->before = link.before;
    link.after = nullptr;
    link.before = nullptr;
}

void append(TimerLink& head, TimerLink& link) noexcept {
    link.before = head.before;
    link.after = &head;
    head.before->after = &link;
    head.before = &link;
}

bool empty(const TimerLink& head) noexcept { return head.after == &head; }

/// Hands the whole list over to `to`, which may then be walked while timers come and go.
void take_all(TimerLink& from, TimerLink& to) noexcept {
    to.after = to.before = &to;
    if (empty(from)) return;
    to.after = from.after;
    to.before = from.before;
    to.after->before = &to;
    to.before->after = &to;
    from.after = from.before = &from;
}

}  // namespace

Timer::~Timer() {
    if (armed()) unlink(*this);
}

TimerWheel::TimerWheel(TimePoint now) noexcept : now_(floor_tick(now)), target_(now_) {
    for (Level& level : levels_)
        for (TimerLink& head : level.heads) head.after = head.before = &head;
}

TimerWheel::~TimerWheel() {
    for (Level& level : levels_)
        for (TimerLink& head : level.heads)
            while (!empty(head)) unlink(*head.after);
}

void TimerWheel::arm(Timer& timer, TimePoint due) noexcept {
    cancel(timer);
    timer.due_ = std::max(due, time_of(target_ + 1));
    place(timer);
}

void TimerWheel::cancel(Timer& timer) noexcept {
    if (timer.armed()) unlink(timer);
}

// The level is that of the highest digit (of 6 bits) in which the due tick differs from the present: when time enters that slot,
// its timers move down, so a timer has always been moved below every slot that time has passed.
void TimerWheel::place(Timer& timer) noexcept {
    constexpr std::uint64_t horizon = (std::uint64_t{1} << (slot_bits * levels)) - 1;
    const std::uint64_t due = std::clamp(ceil_tick(timer.due_), now_ + 1, std::max(now_ | horizon, now_ + 1));
    const unsigned digit = static_cast<unsigned>(std::bit_width(due ^ now_) - 1) / slot_bits;
    const unsigned level = std::min(digit, levels - 1);
    const unsigned slot = static_cast<unsigned>(due >> (slot_bits * level)) % slots;
    append(levels_[level].heads[slot], timer);
    levels_[level].occupied |= std::uint64_t{1} << slot;
}

void TimerWheel::advance(TimePoint now) noexcept {
    target_ = std::max(target_, floor_tick(now));
    while (now_ < target_) {
        const std::uint64_t next = next_tick();
        if (next > target_) break;
        enter(next);
        fire(now);
    }
    now_ = target_;
}

// Time is now `at`: every level whose lower digits are all zero has just entered a new slot.
void TimerWheel::enter(std::uint64_t at) noexcept {
    now_ = at;
    for (unsigned level = levels - 1; level > 0; --level) {
        if (at % (std::uint64_t{1} << (slot_bits * level)) != 0) continue;
        cascade(levels_[level], static_cast<unsigned>(at >> (slot_bits * level)) % slots);
    }
}

void TimerWheel::cascade(Level& level, unsigned slot) noexcept {
    TimerLink moving;
    take_all(level.heads[slot], moving);
    level.occupied &= ~(std::uint64_t{1} << slot);
    while (!empty(moving)) {
        auto& timer = static_cast<Timer&>(*moving.after);
        unlink(timer);
        if (ceil_tick(timer.due_) > now_) {
            place(timer);
            continue;
        }
        const auto present = static_cast<unsigned>(now_) % slots;
        append(levels_[0].heads[present], timer);
        levels_[0].occupied |= std::uint64_t{1} << present;
    }
}

void TimerWheel::fire(TimePoint now) noexcept {
    const auto slot = static_cast<unsigned>(now_) % slots;
    TimerLink due;
    take_all(levels_[0].heads[slot], due);
    levels_[0].occupied &= ~(std::uint64_t{1} << slot);
    while (!empty(due)) {
        auto& timer = static_cast<Timer&>(*due.after);
        unlink(timer);
        if (timer.due_ > now) {  // beyond the horizon when it was armed
            place(timer);
            continue;
        }
        timer.expired(now);
    }
}

TimePoint TimerWheel::next_due() noexcept {
    const std::uint64_t next = next_tick();
    return next == no_tick ? TimePoint::max() : time_of(next);
}

// The first occupied slot after the present one, on the finest level that has any: coarser levels hold only what comes after it.
std::uint64_t TimerWheel::next_tick() noexcept {
    for (unsigned index = 0; index < levels; ++index) {
        Level& level = levels_[index];
        const unsigned shift = slot_bits * index;
        while (level.occupied != 0) {
            const auto present = static_cast<unsigned>(now_ >> shift) % slots;
            const auto distance = static_cast<unsigned>(std::countr_zero(std::rotr(level.occupied, static_cast<int>(present))));
            const unsigned slot = (present + distance) % slots;
            if (!empty(level.heads[slot])) return ((now_ >> shift) + (distance == 0 ? slots : distance)) << shift;
            level.occupied &= ~(std::uint64_t{1} << slot);
        }
    }
    return no_tick;
}

}  // namespace junctor
