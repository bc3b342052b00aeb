#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/ports/mailbox.hpp"
#include "core/runtime/doorbell.hpp"
#include "core/runtime/spsc_ring.hpp"

namespace junctor {

/// All that the cores of a process share: one bounded ring per ordered pair of them, and a doorbell each.
class CoreMesh {
public:
    /// The way from one core to another.
    struct Path {
        explicit Path(std::size_t capacity) : ring(capacity) {}

        SpscRing<Mail> ring;
        std::atomic<bool> sender_waits{false};  ///< for room: whoever makes some rings the sender's bell
    };

    explicit CoreMesh(std::uint16_t cores, std::size_t ring_capacity = 4'096);

    std::uint16_t size() const noexcept { return cores_; }
    Path& path(CoreId from, CoreId to) noexcept { return *paths_[std::size_t{from.value} * cores_ + to.value]; }
    Doorbell& bell(CoreId core) noexcept { return *bells_[core.value]; }

private:
    std::uint16_t cores_;
    std::vector<std::unique_ptr<Path>> paths_;
    std::vector<std::unique_ptr<Doorbell>> bells_;
};

}  // namespace junctor
