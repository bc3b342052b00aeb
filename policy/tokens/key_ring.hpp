#pragma once

#include <optional>

#include "core/base/clock.hpp"
#include "policy/jose/key_set.hpp"

namespace junctor {

/// When to fetch a provider's keys, and how long those at hand count. A state machine without I/O: its owner fetches and tells it.
class KeyRing {
public:
    struct Terms {
        Duration refresh = std::chrono::hours(1);      ///< fetched anew at the latest after this; sooner where the provider says so
        Duration refresh_least = std::chrono::minutes(1);  ///< but never more often
        Duration keep = std::chrono::hours(24);        ///< how long keys count while the provider gives no newer ones
        Duration miss_interval = std::chrono::seconds(10);  ///< between two fetches that unknown key ids cause
        Duration retry_first = std::chrono::milliseconds(500);  ///< after a failure; doubled with each one more
        Duration retry_most = std::chrono::seconds(30);
    };

    KeyRing(const Terms& terms, TimePoint now) noexcept : terms_(terms), due_(now) {}

    /// When the next fetch is to begin; TimePoint::max() while one is under way.
    TimePoint due() const noexcept { return fetching_ ? TimePoint::max() : due_; }
    bool fetching() const noexcept { return fetching_; }

    /// Whether an unknown key id is a reason to fetch now.
    bool may_fetch_for_miss(TimePoint now) const noexcept;
    void begin(TimePoint now) noexcept;
    /// Keys that somebody else has fetched count until then at the longest, and until newer ones come.
    void inherit(jose::KeySetPtr keys, TimePoint good_until, TimePoint now) noexcept;
    /// `max_age`: what the provider says of how long they stay the same.
    void succeeded(jose::KeySetPtr keys, std::optional<Duration> max_age, TimePoint now) noexcept;
    /// `random` spreads the retries of many gateways.
    void failed(TimePoint now, std::uint64_t random) noexcept;

    /// Null: none were ever there.
    const jose::KeySetPtr& keys() const noexcept { return keys_; }
    /// From when on the keys count no more.
    TimePoint good_until() const noexcept { return good_until_; }
    std::uint32_t failures() const noexcept { return failures_; }

private:
    Terms terms_;
    jose::KeySetPtr keys_;
    TimePoint due_;
    TimePoint good_until_ = TimePoint::min();
    std::optional<TimePoint> last_begin_;
    std::uint32_t failures_ = 0;
    bool fetching_ = false;
};

}  // namespace junctor
