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
    /// What the store held, in ascending order of offsets. Null: it was there and cannot be read any more. An offset that is missing
    /// is a message that is gone, too, unless a bridge leads over it.
    void restore(std::uint64_t offset, EnvelopePtr envelope);
    /// The offsets after `from`, up to `to`, were promised to nobody: a run of the gateway ended with them.
    void bridge(std::uint64_t from, std::uint64_t to) noexcept;
    /// Some of what came up to this offset is not here.
    void lose_up_to(std::uint64_t offset) noexcept { gone_ = std::max(gone_, offset); }
    /// Lets go of what is too old or too much.
    void trim(TimePoint now) noexcept;

    HistoryPosition last() const noexcept { return {epoch_, last_}; }
    /// The first position after which everything is here.
    HistoryPosition whole_after() const noexcept { return {epoch_, gone_}; }
    /// Of the oldest message kept; the next one where none is.
    std::uint64_t first_offset() const noexcept { return kept_.empty() ? last_ + 1 : kept_.front()->history().offset; }
    std::size_t size() const noexcept { return kept_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }

    /// Is everything after `position` here? Not when it is of another epoch, lies ahead, or some of it has gone.
    bool holds_all_after(HistoryPosition position) const noexcept {
        return position.epoch == epoch_ && position.offset <= last_ && position.offset >= gone_;
    }

    void change_bounds(HistoryBounds bounds, TimePoint now) noexcept;

    /// Hands out what matches `filter` after `offset`, in order, until `each` has taken one and returns false, or `most` messages have
    /// been looked at; expired ones are left out. Answers the offset up to which that was.
    std::uint64_t read(std::uint64_t offset, const TopicFilter& filter, TimePoint now, const std::function<bool(const EnvelopePtr&)>& each,
                       std::size_t most = SIZE_MAX) const;

private:
    bool exceeds(TimePoint now) const noexcept;
    void add(EnvelopePtr envelope, std::uint64_t offset);
    void drop_first() noexcept;

    std::uint64_t epoch_;
    HistoryBounds bounds_;
    std::uint64_t last_ = 0;
    std::uint64_t gone_ = 0;        ///< the last offset that was kept once and is not here any more
    std::size_t bytes_ = 0;
    std::deque<EnvelopePtr> kept_;  ///< in the order of their offsets
};

}  // namespace junctor
