#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "core/base/clock.hpp"

namespace junctor {

/// How many connections the process has, over all cores. From any thread.
class ConnectionCount {
public:
    /// False, and not counted, when there are `limit` already.
    bool enter(std::size_t limit) noexcept {
        const std::lock_guard lock(mutex_);
        if (count_ >= limit) return false;
        ++count_;
        return true;
    }

    void leave() noexcept {
        const std::lock_guard lock(mutex_);
        if (--count_ == 0) none_.notify_all();
    }

    std::size_t get() const noexcept {
        const std::lock_guard lock(mutex_);
        return count_;
    }

    /// Waits until there are none, at most for `patience`; answers how many are left.
    std::size_t wait_for_none(Duration patience) noexcept {
        std::unique_lock lock(mutex_);
        none_.wait_for(lock, patience, [this] { return count_ == 0; });
        return count_;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable none_;
    std::size_t count_ = 0;
};

}  // namespace junctor
