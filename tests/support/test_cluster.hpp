#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "core/model/limits.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/mailbox.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_table.hpp"
#include "policy/policy_gate.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::test {

/// A gateway's kernel in one thread on virtual time: 1 to n cores, each with gate and router, the mail between them carried in an
/// order that the seed chooses. Each pair of cores keeps its own mail in order, as the rings do.
class TestCluster {
public:
    explicit TestCluster(std::uint16_t cores = 1, std::uint64_t seed = 1, PolicyPtr policy = {}, const Limits& limits = {});
    ~TestCluster();
    TestCluster(const TestCluster&) = delete;
    TestCluster& operator=(const TestCluster&) = delete;

    Core& core(std::size_t index = 0) noexcept;
    PolicyGate& gate(std::size_t index = 0) noexcept;
    Metrics& metrics(std::size_t index = 0) noexcept;
    std::uint16_t count() const noexcept { return static_cast<std::uint16_t>(cores_.size()); }
    /// Where a session of this name lives.
    std::size_t home_of(std::string_view name) noexcept { return core().home_of(TenantId{}, name).value; }

    /// Carries one mail that the seed chooses; false when there is none.
    bool step();
    /// Carries all mail, and what it brings about.
    void settle();
    /// Time passes: timers fire, then the mail is carried.
    void advance(Duration by);
    /// The same, and the mail stays where it is.
    void pass(Duration by);

    /// The value of a counter or gauge, summed over all cores.
    std::int64_t total(Counter metric) const noexcept { return total(metric.cell); }
    std::int64_t total(Gauge metric) const noexcept { return total(metric.cell); }

    SeededRandom& random() noexcept { return random_; }
    FakeClock clock;
    const Limits limits;

private:
    struct Node;
    class Post;
    struct Lane {
        std::uint16_t to = 0;
        std::deque<Mail> mail;
    };

    Lane& lane(CoreId from, CoreId to) noexcept;
    std::int64_t total(std::uint16_t cell) const noexcept;

    SeededRandom random_;
    std::vector<std::unique_ptr<Node>> cores_;
    std::deque<Lane> lanes_;
};

}  // namespace junctor::test
