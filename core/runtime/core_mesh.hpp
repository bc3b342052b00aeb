#pragma once

#include <memory>
#include <vector>

#include "core/ports/mailbox.hpp"
#include "core/runtime/doorbell.hpp"
#include "core/runtime/spsc_ring.hpp"

namespace junctor {

/// All that the cores of a process share: one bounded ring per ordered pair of them, and a doorbell each.
class CoreMesh {
public:
    explicit CoreMesh(std::uint16_t cores, std::size_t ring_capacity = 4'096);

    std::uint16_t size() const noexcept { return cores_; }
    SpscRing<Mail>& ring(CoreId from, CoreId to) noexcept { return *rings_[std::size_t{from.value} * cores_ + to.value]; }
    Doorbell& bell(CoreId core) noexcept { return *bells_[core.value]; }

private:
    std::uint16_t cores_;
    std::vector<std::unique_ptr<SpscRing<Mail>>> rings_;
    std::vector<std::unique_ptr<Doorbell>> bells_;
};

}  // namespace junctor
