#pragma once

#include <list>
#include <optional>
#include <unordered_map>

#include "core/base/clock.hpp"
#include "policy/kept_question.hpp"

namespace junctor {

/// What remote authorizers have said lately, on one core, each verdict for as long as it says itself. Bounded in entries and bytes:
/// what was used longest ago goes first. Finding one allocates nothing.
class VerdictCache {
public:
    struct Bounds {
        std::size_t entries = 65'536;
        std::size_t bytes = 32U << 20;
    };

    explicit VerdictCache(Bounds bounds) noexcept : bounds_(bounds) {}
    VerdictCache() noexcept : VerdictCache(Bounds()) {}

    struct Kept {
        std::uint32_t authorizer;
        KeptQuestion question;
        Verdict verdict;
        TimePoint until;

        std::size_t footprint() const noexcept { return question.footprint() + verdict.reason.size() + verdict.rule.size(); }
    };

    /// Null where it is not known, or no longer. Valid until the next call.
    const Kept* find(std::uint32_t authorizer, const Question& question, TimePoint now) noexcept;
    void keep(std::uint32_t authorizer, const KeptQuestion& question, const Verdict& verdict, TimePoint until);
    void forget_all() noexcept;

    std::size_t size() const noexcept { return by_hash_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    using Order = std::list<Kept>;
    using Index = std::unordered_multimap<std::uint64_t, Order::iterator>;

    Index::iterator locate(std::uint32_t authorizer, const Question& question) noexcept;
    void drop(Index::iterator entry) noexcept;

    const Bounds bounds_;
    Order order_;  ///< the most recently used first
    Index by_hash_;
    std::size_t bytes_ = 0;
};

}  // namespace junctor
