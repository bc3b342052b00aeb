#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "core/base/clock.hpp"
#include "core/model/envelope.hpp"
#include "core/model/topic_filter.hpp"

namespace junctor {

/// One core's replica of the retained values (DESIGN 5.6). Every core applies every write, in whatever order they arrive, and ends
/// with the same values: the last writer wins, by (hybrid clock, core). A clearing is a write too; it is remembered for a while, so that
/// an older value that arrives after it stays away.
class RetainedStore {
public:
    /// `replicas`: how many cores hold one. With a single one writes come in order and clearings need no memory.
    explicit RetainedStore(std::uint16_t replicas) noexcept : replicas_(replicas) {}

    /// Applies a retained message; an empty payload clears. False when a later write stands already.
    bool apply(const EnvelopePtr& envelope);

    /// Calls `each` for the values that match `filter` and have not expired, in topic order, until it returns false.
    /// `each` must not change the store.
    void find(const TopicFilter& filter, TimePoint now, const std::function<bool(const EnvelopePtr&)>& each) const;

    /// The value of one topic, also an expired one; null without.
    EnvelopePtr value(const Topic& topic) const;

    /// Drops expired values among the next `most` in order, going round, and shows each to `gone`. Returns how many went.
    std::size_t sweep(TimePoint now, std::size_t most, const std::function<void(const Envelope&)>& gone = {});

    std::size_t size() const noexcept { return size_; }
    /// What the values hold.
    std::size_t bytes() const noexcept { return bytes_; }
    /// Is there any value that a sweep may find expired, sooner or later?
    bool expiring() const noexcept { return expiring_ > 0; }

    static constexpr std::size_t most_clearings = 4'096;

private:
    /// `/` comes before every other character, so that all topics under a level stand together, right behind it.
    struct Order {
        using is_transparent = void;
        bool operator()(const EnvelopePtr& a, const EnvelopePtr& b) const noexcept { return less(a->topic_text(), b->topic_text()); }
        bool operator()(const EnvelopePtr& a, std::string_view b) const noexcept { return less(a->topic_text(), b); }
        bool operator()(std::string_view a, const EnvelopePtr& b) const noexcept { return less(a, b->topic_text()); }
        static bool less(std::string_view a, std::string_view b) noexcept;
    };
    using Values = std::set<EnvelopePtr, Order>;

    void store(Values& values, Values::iterator at, const EnvelopePtr& envelope);
    void remember_clearing(const EnvelopePtr& envelope);
    void forget_oldest_clearing();
    void count_in(const Envelope& value) noexcept;
    void count_out(const Envelope& value) noexcept;
    void erase(std::map<TenantId, Values>::iterator tenant, Values::iterator value);

    std::uint16_t replicas_;
    std::size_t size_ = 0;                 ///< like the two below: without clearings
    std::size_t bytes_ = 0;
    std::size_t expiring_ = 0;
    std::map<TenantId, Values> tenants_;
    std::deque<EnvelopePtr> clearings_;    ///< oldest first; those still in force stand in the values as well
    TenantId sweep_tenant_;                ///< where the next sweep begins
    std::string sweep_from_;
};

}  // namespace junctor
