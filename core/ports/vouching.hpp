#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"

namespace junctor {

/// A question under way. Destroying it cancels it: nobody is called any more. On the core that asked.
class Inquiry {
public:
    virtual ~Inquiry() = default;
};

/// Somebody counts as long as whoever vouched says so, and that can end at any time: it is asked again while a session lasts.
/// Shared by the sessions of a principal, on several cores at once; destroyed on any thread.
class Vouching {
public:
    virtual ~Vouching() = default;

    /// How often each session asks.
    virtual Duration interval() const noexcept = 0;
    /// Calls `done` once on `core`, the one that asks, perhaps before it returns: whether it still holds.
    virtual std::unique_ptr<Inquiry> ask(CoreId core, std::function<void(bool)> done) = 0;

    /// It was said not to hold any more, or nobody has asked for long: no session begins on it before it was asked again
    /// (`Gate::when_known`). These three from any thread.
    void doubt() noexcept { doubted_.store(true, std::memory_order_relaxed); }
    void trust() noexcept { doubted_.store(false, std::memory_order_relaxed); }
    bool doubted() const noexcept { return doubted_.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> doubted_{false};
};

}  // namespace junctor
