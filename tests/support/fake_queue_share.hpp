#pragma once

#include <algorithm>

#include "core/ports/queue_share.hpp"

namespace junctor::test {

/// A share with one limit, which counts what is told to it.
class FakeQueueShare final : public QueueShare {
public:
    explicit FakeQueueShare(std::size_t its_most) : most(its_most) {}
    ~FakeQueueShare() override = default;

    void add(std::int64_t bytes) noexcept override { used += bytes; }
    std::size_t room() const noexcept override { return most - std::min(most, static_cast<std::size_t>(used)); }
    void exceeded(Metrics&) const noexcept override { ++excesses; }

    std::size_t most;
    std::int64_t used = 0;
    mutable int excesses = 0;
};

}  // namespace junctor::test
