#pragma once

#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/routing/match_entry.hpp"
#include "core/routing/matcher.hpp"

namespace junctor {

/// The matches worked out lately, by topic and QoS (DESIGN 5.5): 8 to a set, the oldest of a set makes room. An entry from an older
/// epoch is worked out anew when it is asked for, never before.
class MatchCache {
public:
    explicit MatchCache(Matcher& matcher) : matcher_(matcher), sets_(static_cast<Set*>(std::calloc(set_count, sizeof(Set)))) {}

    /// Valid until the next call of any member.
    MatchEntry& find(const Topic& topic, Qos qos);

    /// Verdicts have changed, or many subscriptions: what was worked out before is not used again. One addition.
    void forget_all() noexcept { ++epoch_; }
    /// Subscriptions to this filter have changed: what it may match is not used again. Topics under other first levels stay, mostly.
    void forget(const TopicFilter& filter) noexcept;

    /// How often `find` had to work a match out.
    std::uint64_t misses() const noexcept { return misses_; }

    static constexpr std::size_t capacity = 65'536;

private:
    static constexpr std::size_t ways = 8;
    static constexpr std::size_t set_count = capacity / ways;
    /// A longer topic is worked out each time: many of them must not fill the memory.
    static constexpr std::size_t longest_kept = 512;
    /// Destinations of all entries together; beyond it the cache starts over.
    static constexpr std::size_t most_destinations = 2'000'000;

    struct Set {
        std::array<std::uint32_t, ways> tags;     ///< upper half of the hash, mixed with the QoS
        std::array<std::uint32_t, ways> entries;  ///< 1 + index; 0: free
    };

    struct Free {
        void operator()(Set* sets) const noexcept { std::free(sets); }
    };

    static std::uint8_t level_of(TenantId tenant, std::string_view text) noexcept;
    bool current(const MatchEntry& entry) const noexcept {
        return entry.epoch == epoch_ && entry.level_epoch == level_epochs_[entry.level];
    }
    void set_key(MatchEntry& entry, const Topic& topic, Qos qos);
    MatchEntry& entry_for(const Topic& topic, Qos qos);
    std::uint32_t take_place(Set& set);
    void work_out(MatchEntry& entry);
    void start_over(MatchEntry& keep) noexcept;

    Matcher& matcher_;
    std::uint64_t epoch_ = 1;
    std::array<std::uint64_t, 256> level_epochs_{};  ///< by a hash of the first level
    std::uint64_t misses_ = 0;
    std::size_t destinations_ = 0;
    std::uint32_t turn_ = 0;
    std::vector<std::unique_ptr<MatchEntry>> entries_;
    MatchEntry unkept_;
    std::unique_ptr<Set[], Free> sets_;  ///< zeroed by the system: sets that nobody touches take no memory
};

}  // namespace junctor
