#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "core/base/rate.hpp"

namespace junctor {

/// How many connections the process has, over all cores. From any thread.
class ConnectionCount {
public:
    /// So few that a flood of them costs little; whoever comes while they are there is closed without a word.
    static constexpr std::size_t most_surplus = 64;

    /// False, and not counted, when there are `limit` already.
    bool enter(std::size_t limit) noexcept {
        const std::lock_guard lock(mutex_);
        if (count_ >= limit) return false;
        ++count_;
        return true;
    }

    void leave() noexcept {
        const std::lock_guard lock(mutex_);
        --count_;
        left_.notify_all();
    }

    /// One above the limit may come in to be told so. False: too many are being told already.
    bool enter_surplus() noexcept {
        const std::lock_guard lock(mutex_);
        if (surplus_ >= most_surplus) return false;
        ++surplus_;
        return true;
    }
    void leave_surplus() noexcept {
        const std::lock_guard lock(mutex_);
        --surplus_;
    }

    std::size_t get() const noexcept {
        const std::lock_guard lock(mutex_);
        return count_;
    }

    /// Whether one more may come: `most` a second, a second's worth at once after a silence.
    bool in_time(std::uint32_t most, TimePoint now) const noexcept { return pace_.has_room(1, most, now); }
    /// One has.
    void came(std::uint32_t most, TimePoint now) noexcept { static_cast<void>(pace_.take(1, most, now)); }
    /// In the last second or so no more than half of `most` came.
    bool calm(std::uint32_t most, TimePoint now) const noexcept { return pace_.taken(most, now) <= most / 2; }

    /// Waits until there are none besides the `spared` ones, at most for `patience`; answers how many are left.
    std::size_t wait_for_none(Duration patience, const std::atomic<std::uint32_t>& spared) noexcept {
        const auto remaining = [&] { return count_ - std::min<std::size_t>(count_, spared.load(std::memory_order_relaxed)); };
        std::unique_lock lock(mutex_);
        left_.wait_for(lock, patience, [&] { return remaining() == 0; });
        return remaining();
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable left_;
    std::size_t count_ = 0;
    std::size_t surplus_ = 0;
    Rate pace_;
};

}  // namespace junctor
