#include "policy/tokens/key_ring.hpp"

#include <algorithm>

namespace junctor {

bool KeyRing::may_fetch_for_miss(TimePoint now) const noexcept {
    return !fetching_ && (!last_begin_ || now >= *last_begin_ + terms_.miss_interval);
}

void KeyRing::begin(TimePoint now) noexcept {
    fetching_ = true;
    last_begin_ = now;
}

void KeyRing::inherit(jose::KeySetPtr keys, TimePoint good_until, TimePoint now) noexcept {
    keys_ = std::move(keys);
    good_until_ = std::min(good_until, now + terms_.keep);
}

void KeyRing::succeeded(jose::KeySetPtr keys, std::optional<Duration> max_age, TimePoint now) noexcept {
    fetching_ = false;
    failures_ = 0;
    keys_ = std::move(keys);
    good_until_ = now + terms_.keep;
    due_ = now + std::min(std::max(max_age.value_or(terms_.refresh), terms_.refresh_least), terms_.refresh);
}

void KeyRing::failed(TimePoint now, std::uint64_t random) noexcept {
    fetching_ = false;
    const std::uint32_t doublings = std::min(failures_++, 16U);
    const Duration pause = std::min(terms_.retry_first * (std::int64_t{1} << doublings), terms_.retry_most);
    // Between half of it and all of it.
    due_ = now + pause / 2 + Duration(static_cast<std::int64_t>(random % static_cast<std::uint64_t>(pause.count() / 2 + 1)));
}

}  // namespace junctor
