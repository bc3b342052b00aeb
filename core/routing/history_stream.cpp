#include "core/routing/history_stream.hpp"

#include <cassert>

namespace junctor {

void HistoryStream::append(EnvelopePtr envelope, TimePoint now) {
    envelope->place_in_history({epoch_, ++last_});
    bytes_ += envelope->footprint();
    kept_.push_back(std::move(envelope));
    trim(now);
}

void HistoryStream::restore(std::uint64_t offset, EnvelopePtr envelope) {
    assert(offset > last_);
    last_ = offset;
    if (!envelope) {
        gone_ = offset;
        return;
    }
    envelope->place_in_history({epoch_, offset});
    bytes_ += envelope->footprint();
    kept_.push_back(std::move(envelope));
}

void HistoryStream::trim(TimePoint now) noexcept {
    while (!kept_.empty() && exceeds(now)) drop_first();
}

bool HistoryStream::exceeds(TimePoint now) const noexcept {
    if (kept_.size() > bounds_.messages || bytes_ > bounds_.bytes) return true;
    return bounds_.age != Duration::max() && now - kept_.front()->published_at() > bounds_.age;
}

void HistoryStream::drop_first() noexcept {
    gone_ = std::max(gone_, first_offset());
    bytes_ -= kept_.front()->footprint();
    kept_.pop_front();
}

void HistoryStream::read(std::uint64_t offset, const TopicFilter& filter, TimePoint now,
                         const std::function<bool(const EnvelopePtr&)>& each) const {
    const auto after = [](std::uint64_t given, const EnvelopePtr& envelope) { return given < envelope->history().offset; };
    for (auto at = std::upper_bound(kept_.begin(), kept_.end(), offset, after); at != kept_.end(); ++at)
        if (!(*at)->expired(now) && filter.matches((*at)->topic()) && !each(*at)) return;
}

}  // namespace junctor
