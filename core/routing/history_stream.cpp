#include "core/routing/history_stream.hpp"

#include <cassert>

namespace junctor {

void HistoryStream::append(EnvelopePtr envelope, TimePoint now) {
    add(std::move(envelope), last_ + 1);
    trim(now);
}

void HistoryStream::add(EnvelopePtr envelope, std::uint64_t offset) {
    last_ = offset;
    envelope->place_in_history({epoch_, offset});
    bytes_ += envelope->footprint();
    kept_.push_back(std::move(envelope));
}

void HistoryStream::restore(std::uint64_t offset, EnvelopePtr envelope) {
    assert(offset > last_);
    if (offset != last_ + 1) lose_up_to(offset - 1);
    if (envelope) return add(std::move(envelope), offset);
    last_ = offset;
    lose_up_to(offset);
}

void HistoryStream::bridge(std::uint64_t from, std::uint64_t to) noexcept {
    if (std::max(last_, gone_) < from) lose_up_to(to);
    last_ = std::max(last_, to);
}

void HistoryStream::trim(TimePoint now) noexcept {
    while (!kept_.empty() && exceeds(now)) drop_first();
}

bool HistoryStream::exceeds(TimePoint now) const noexcept {
    if (kept_.size() > bounds_.messages || bytes_ > bounds_.bytes) return true;
    return bounds_.age != Duration::max() && now - kept_.front()->published_at() > bounds_.age;
}

void HistoryStream::drop_first() noexcept {
    lose_up_to(first_offset());
    bytes_ -= kept_.front()->footprint();
    kept_.pop_front();
}

void HistoryStream::change_bounds(HistoryBounds bounds, TimePoint now) noexcept {
    bounds_ = bounds;
    trim(now);
}

std::uint64_t HistoryStream::read(std::uint64_t offset, const TopicFilter& filter, TimePoint now,
                                  const std::function<bool(const EnvelopePtr&)>& each, std::size_t most) const {
    const auto after = [](std::uint64_t given, const EnvelopePtr& envelope) { return given < envelope->history().offset; };
    for (auto at = std::upper_bound(kept_.begin(), kept_.end(), offset, after); at != kept_.end(); ++at) {
        const EnvelopePtr& envelope = *at;
        const bool wanted = !envelope->expired(now) && filter.matches(envelope->topic());
        if ((wanted && !each(envelope)) || --most == 0) return envelope->history().offset;
    }
    return last_;
}

}  // namespace junctor
