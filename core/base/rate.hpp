#pragma once

#include <atomic>

#include "core/base/clock.hpp"

namespace junctor {

/// So much a second, and a second's worth at once after a silence. From any thread, without a lock (the generic cell rate algorithm: one
/// point in time says all).
class Rate {
public:
    /// Takes `amount` of `most` a second, or nothing: then it is too much. What is larger than a second's worth goes alone, after a second's silence.
    bool take(std::uint64_t amount, std::uint64_t most, TimePoint now) noexcept {
        const auto present = now.time_since_epoch().count();
        const std::int64_t cost = cost_of(amount, most);
        std::int64_t due = due_.load(std::memory_order_relaxed);
        for (;;) {
            if (too_much(due, present, cost)) return false;
            const std::int64_t next = (due > present ? due : present) + cost;
            if (due_.compare_exchange_weak(due, next, std::memory_order_relaxed)) return true;
        }
    }

    /// Whether that could be taken at present.
    bool has_room(std::uint64_t amount, std::uint64_t most, TimePoint now) const noexcept {
        return !too_much(due_.load(std::memory_order_relaxed), now.time_since_epoch().count(), cost_of(amount, most));
    }

    /// How much of `most` a second is taken at present: no more than that can be taken at once.
    std::uint64_t taken(std::uint64_t most, TimePoint now) const noexcept {
        const std::int64_t owed = due_.load(std::memory_order_relaxed) - now.time_since_epoch().count();
        return owed <= 0 ? 0 : static_cast<std::uint64_t>(static_cast<double>(owed) / second * static_cast<double>(most) + 0.5);
    }

private:
    static constexpr std::int64_t second = 1'000'000'000;

    static std::int64_t cost_of(std::uint64_t amount, std::uint64_t most) noexcept {
        return static_cast<std::int64_t>(static_cast<double>(amount) / static_cast<double>(most) * second);
    }
    static bool too_much(std::int64_t due, std::int64_t present, std::int64_t cost) noexcept { return due > present && (due - present) + cost > second; }

    std::atomic<std::int64_t> due_{0};  ///< when all that was taken has been earned, in nanoseconds of the monotonic time line
};

}  // namespace junctor
