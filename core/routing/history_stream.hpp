#pragma once

#include <algorithm>
#include <deque>
#include <functional>

#include "core/model/envelope.hpp"
#include "core/model/history_rule.hpp"

namespace junctor {

/// The past of the topics of one rule: messages under offsets that count up by one, bounded in number, bytes and age.
/// In memory and without I/O; whoever owns it, on one core, writes what it changes into the journal.
class HistoryStream {
public:
    HistoryStream(std::uint64_t epoch, HistoryBounds bounds) noexcept : epoch_(epoch), bounds_(bounds) {}

    /// The message gets the next offset and knows its place. What the bounds no longer allow goes.
    void append(EnvelopePtr envelope, TimePoint now);
    /// What the store held, in ascending order of offsets. Null: it was there and cannot be read any more.
    void restore(std::uint64_t offset, EnvelopePtr envelope);
    /// Offsets up to this one may have been given, to messages that nobody was promised.
    void skip_to(std::uint64_t last_offset) noexcept { last_ = std::max(last_, last_offset); }
    /// Lets go of what is too old or too much.
    void trim(TimePoint now) noexcept;

    HistoryPosition last() const noexcept { return {epoch_, last_}; }
    /// Of the oldest message kept; the next one where none is.
    std::uint64_t first_offset() const noexcept { return kept_.empty() ? last_ + 1 : kept_.front()->history().offset; }
    std::size_t size() const noexcept { return kept_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }

    /// Is everything after `position` here? Not when it is of another epoch, lies ahead, or some of it has gone.
    bool holds_all_after(HistoryPosition position) const noexcept {
        return position.epoch == epoch_ && position.offset <= last_ && position.offset >= gone_;
    }

    /// Hands out what matches `filter` after `offset`, in order, until `each` returns false; expired messages are left out.
    void read(std::uint64_t offset, const TopicFilter& filter, TimePoint now, const std::function<bool(const EnvelopePtr&)>& each) const;

private:
    bool exceeds(TimePoint now) const noexcept;
    void drop_first() noexcept;

    std::uint64_t epoch_;
    HistoryBounds bounds_;
    std::uint64_t last_ = 0;
    std::uint64_t gone_ = 0;        ///< the last offset that was kept once and is not here any more
    std::size_t bytes_ = 0;
    std::deque<EnvelopePtr> kept_;  ///< in the order of their offsets
};

}  // namespace junctor
