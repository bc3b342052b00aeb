#pragma once

#include <functional>

#include "core/runtime/timer_wheel.hpp"

namespace junctor::matrix {

/// A timer of somebody who has several.
class Alarm final : public Timer {
public:
    explicit Alarm(std::function<void()> ring) : ring_(std::move(ring)) {}
    void expired(TimePoint) noexcept override { ring_(); }

private:
    const std::function<void()> ring_;
};

}  // namespace junctor::matrix
