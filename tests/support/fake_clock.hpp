#pragma once

#include "core/base/clock.hpp"

namespace junctor::test {

/// Time that moves only when the test says so. Starts at one hour, so that subtracting from it stays positive.
class FakeClock final : public Clock {
public:
    TimePoint now() const noexcept override { return TimePoint(std::chrono::hours(1) + passed_); }
    WallTime wall() const noexcept override { return start_ + std::chrono::duration_cast<std::chrono::milliseconds>(passed_); }

    void advance(Duration by) noexcept { passed_ += by; }

private:
    Duration passed_{0};
    WallTime start_{std::chrono::seconds(1'700'000'000)};
};

}  // namespace junctor::test
