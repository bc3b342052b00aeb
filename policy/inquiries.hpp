#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "policy/verdict_cache.hpp"

namespace junctor {

class Inquiries;

/// Whoever waits until all that it has asked is answered. Destroying it ends the wait.
class Waiter {
public:
    explicit Waiter(Inquiries& inquiries);
    virtual ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    bool waiting() const noexcept { return open_ != 0; }

protected:
    /// Everything that was asked is answered, or the rules have changed: time to look again. May ask more, or destroy itself. What has
    /// been answered stays known until `release`, however short a verdict holds: else two of them might never be there together.
    virtual void known() noexcept = 0;
    /// Done with what was asked.
    void release() noexcept;
    /// Between these two everything is asked, and nothing is heard.
    void begin_asking() noexcept { ++open_; }
    /// May destroy it, by `known`.
    void end_asking() noexcept;

private:
    friend class Inquiries;
    struct Asked;

    struct Life;

    const std::shared_ptr<Life> life_;  ///< who waits may outlive whom it asks
    std::vector<std::shared_ptr<Asked>> held_;
    std::size_t open_ = 0;
};

/// The questions of one core to remote authorizers: what is under way, what is known. The same question is asked once however many
/// wait for it (DESIGN 5.8).
class Inquiries {
public:
    explicit Inquiries(Core& core);
    ~Inquiries();
    Inquiries(const Inquiries&) = delete;
    Inquiries& operator=(const Inquiries&) = delete;

    /// What is remembered of an authorizer's answers; `until` is when it ceases to count (now, where it counts only for those who wait).
    struct Known {
        const Verdict* verdict = nullptr;  ///< null: to be asked. Valid until the next call
        TimePoint until{};
    };
    Known find(std::uint32_t authorizer, const Question& question) noexcept;

    /// `waiter` hears when this and all else it has asked is answered, perhaps before this returns.
    void ask(std::uint32_t index, Authorizer& authorizer, const Question& question, Waiter& waiter);


    /// The rules have changed: nothing is known any more, and whoever waits looks again, soon: not from within this call. Answers that
    /// are under way count for nobody.
    void forget_all() noexcept;

    std::size_t under_way() const noexcept { return asked_.size(); }
    const VerdictCache& cache() const noexcept { return cache_; }

private:
    friend class Waiter;
    using Life = Waiter::Life;
    using Asked = Waiter::Asked;

    std::shared_ptr<Asked> find_asked(std::uint32_t authorizer, const Question& question) const noexcept;
    void answered(const std::weak_ptr<Asked>& asked, Verdict verdict) noexcept;
    void forget(const Asked& asked) noexcept;
    void leave(Waiter& waiter) noexcept;
    void wake() noexcept;

    struct Soon final : Timer {
        explicit Soon(Inquiries& whose) noexcept : inquiries(whose) {}
        void expired(TimePoint) noexcept override { inquiries.wake(); }
        Inquiries& inquiries;
    };

    Core& core_;
    VerdictCache cache_;
    std::unordered_multimap<std::uint64_t, std::shared_ptr<Asked>> asked_;  ///< unanswered, or held by somebody who waits
    std::deque<Waiter*> ready_;
    bool waking_ = false;
    Soon soon_{*this};
    std::shared_ptr<Life> life_;  ///< says to answers that come late that nobody is here
};

}  // namespace junctor
