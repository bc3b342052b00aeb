#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/model/limits.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/mailbox.hpp"
#include "core/routing/backend_link.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_table.hpp"
#include "core/store/journal.hpp"
#include "policy/policy_gate.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/model_store.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::test {

/// A gateway's kernel in one thread on virtual time: 1 to n cores, each with gate and router, the mail between them carried in an
/// order that the seed chooses. Each pair of cores keeps its own mail in order, as the rings do. With a store, each core writes to it, and
/// hears that it has become durable in the same random order; it becomes so when the test says (`commit`, or the store's own calls).
class TestCluster {
public:
    /// A remote backend that lives on the last core, instead of the embedded one.
    struct Remote {
        std::unique_ptr<Backend> backend;
        std::string gateway;  ///< this gateway's name
    };

    explicit TestCluster(std::uint16_t cores = 1, std::uint64_t seed = 1, PolicyPtr policy = {}, const Limits& limits = {},
                         ModelStore* store = nullptr, Remote remote = {}, HistoryRulesPtr histories = std::make_shared<const HistoryRules>());
    ~TestCluster();
    TestCluster(const TestCluster&) = delete;
    TestCluster& operator=(const TestCluster&) = delete;

    Core& core(std::size_t index = 0) noexcept;
    PolicyGate& gate(std::size_t index = 0) noexcept;
    Metrics& metrics(std::size_t index = 0) noexcept;
    Journal& journal(std::size_t index = 0) noexcept;
    std::uint16_t count() const noexcept { return static_cast<std::uint16_t>(cores_.size()); }
    /// Its remote backend has all that was for it.
    bool settled() const noexcept { return !home_ || home_->settled(); }
    /// Where a session of this name lives.
    std::size_t home_of(std::string_view name) noexcept { return core().home_of(TenantId{}, name).value; }

    /// Carries one mail, or tells one core what has become durable, as the seed chooses; false when there is neither.
    bool step();
    /// Carries the mail that is under way now, and not what it brings about.
    void carry_present();
    /// Carries what lies between these two cores only.
    void carry_all(std::size_t from, std::size_t to);
    /// Carries all mail, and what it brings about.
    void settle();
    /// Submits what the cores have written down; every step begins with it.
    void flush() noexcept;
    /// Makes everything durable and carries all mail, until neither brings anything more.
    void commit();
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
    const std::shared_ptr<Revocations> revocations = std::make_shared<Revocations>();
    std::size_t unreadable = 0;  ///< records of the store that say nothing
    std::size_t lost = 0;        ///< queued messages that are not there any more

private:
    struct Node;
    class Post;
    struct Lane {
        std::uint16_t to = 0;
        std::deque<Mail> mail;
    };

    std::unique_ptr<Backend> backend_for(Core& core, Remote& remote);
    void share_revocations(PolicyGate& gate);
    void launch(BackendLink& link);
    bool run_posted();
    void restore(const HistoryRulesPtr& histories);
    void carry(Lane& lane);
    void tell_committed(Node& node);
    Lane& lane(CoreId from, CoreId to) noexcept;
    std::int64_t total(std::uint16_t cell) const noexcept;

    SeededRandom random_;
    ModelStore* store_;
    std::vector<std::unique_ptr<Node>> cores_;
    std::deque<Lane> lanes_;
    std::mutex posted_mutex_;                   ///< a real backend has threads of its own
    std::deque<std::function<void()>> posted_;  ///< by the remote backend, to its core
    BackendLink* home_ = nullptr;
};

}  // namespace junctor::test
