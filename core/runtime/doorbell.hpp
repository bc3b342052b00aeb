#pragma once

#include <atomic>

#include "core/runtime/poller.hpp"

namespace junctor {

/// Wakes a sleeping core from any thread; costs nothing while the core is awake.
class Doorbell final : public Pollable {
public:
    Doorbell();
    ~Doorbell();
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    /// From any thread, after the work has been made visible.
    void ring() noexcept;

    /// The owner's: from here on rings wake it. It must look for work once more before it sleeps.
    void going_to_sleep() noexcept;
    void awake() noexcept { sleeping_.store(false, std::memory_order_relaxed); }

    /// The owner's: sleeps until somebody rings, at most for `patience`, whatever else is ready. After `going_to_sleep`.
    void wait(Duration patience) noexcept;

    int descriptor() const noexcept { return event_; }
    void ready(std::uint32_t events) noexcept override;

private:
    int event_;
    std::atomic<bool> sleeping_{false};
};

}  // namespace junctor
