#include "core/routing/history_stream.hpp"

#include <algorithm>
#include <cassert>

namespace junctor {

std::uint64_t HistoryStream::append(EnvelopePtr envelope, TimePoint now) {
    bytes_ += envelope->footprint();
    kept_.push_back(std::move(envelope));
    const std::uint64_t offset = last().offset;
    trim(now);
    return offset;
}

void HistoryStream::restore(std::uint64_t offset, EnvelopePtr envelope) {
    assert(offset > last().offset);
    if (kept_.empty()) first_ = offset;
    for (; last().offset + 1 < offset; kept_.emplace_back()) last_hole_ = last().offset + 1;
    bytes_ += envelope->footprint();
    kept_.push_back(std::move(envelope));
}

void HistoryStream::restore_end(std::uint64_t last_offset) {
    if (last_offset <= last().offset) return;
    kept_.clear();
    bytes_ = 0;
    first_ = last_offset + 1;
}

void HistoryStream::expire(TimePoint now) noexcept { trim(now); }

void HistoryStream::trim(TimePoint now) noexcept {
    while (!kept_.empty() && exceeds(now)) drop_first();
}

bool HistoryStream::exceeds(TimePoint now) const noexcept {
    if (kept_.size() > bounds_.messages || bytes_ > bounds_.bytes || !kept_.front()) return true;
    return bounds_.age != Duration::max() && now - kept_.front()->published_at() > bounds_.age;
}

void HistoryStream::drop_first() noexcept {
    if (kept_.front()) bytes_ -= kept_.front()->footprint();
    kept_.pop_front();
    ++first_;
}

bool HistoryStream::holds_all_after(HistoryPosition position) const noexcept {
    return position.epoch == epoch_ && position.offset <= last().offset && position.offset + 1 >= first_ && last_hole_ <= position.offset;
}

void HistoryStream::read(std::uint64_t offset, const TopicFilter& filter, TimePoint now,
                         const std::function<bool(std::uint64_t, const EnvelopePtr&)>& each) const {
    for (std::uint64_t at = std::max(offset + 1, first_); at <= last().offset; ++at) {
        const EnvelopePtr& envelope = kept_[at - first_];
        if (!envelope || envelope->expired(now) || !filter.matches(envelope->topic())) continue;
        if (!each(at, envelope)) return;
    }
}

}  // namespace junctor
