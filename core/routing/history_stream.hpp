#pragma once

#include <deque>
#include <functional>

#include "core/model/envelope.hpp"
#include "core/model/history.hpp"

namespace junctor {

/// The past of the topics of one rule: messages under offsets that count up by one, bounded in number, bytes and age.
/// In memory and without I/O; whoever owns it, on one core, writes what it changes into the journal.
class HistoryStream {
public:
    HistoryStream(std::uint64_t epoch, HistoryBounds bounds) noexcept : epoch_(epoch), bounds_(bounds) {}

    /// The next offset is the message's. What the bounds no longer allow goes.
    std::uint64_t append(EnvelopePtr envelope, TimePoint now);
    /// What the store held, in ascending order of offsets; one that is missing is a hole.
    void restore(std::uint64_t offset, EnvelopePtr envelope);
    /// Nothing was kept, but offsets up to this one were given.
    void restore_end(std::uint64_t last_offset);
    /// Lets go of what is too old.
    void expire(TimePoint now) noexcept;

    HistoryPosition last() const noexcept { return {epoch_, first_ + kept_.size() - 1}; }
    /// Everything before it has gone.
    std::uint64_t first_offset() const noexcept { return first_; }
    std::size_t size() const noexcept { return kept_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }

    /// Is everything after `position` here? Not when it is of another epoch, lies ahead, or some of it has gone.
    bool holds_all_after(HistoryPosition position) const noexcept;

    /// Hands out what matches `filter` after `offset`, in order, until `each` returns false; expired messages are left out.
    void read(std::uint64_t offset, const TopicFilter& filter, TimePoint now,
              const std::function<bool(std::uint64_t offset, const EnvelopePtr&)>& each) const;

private:
    void drop_first() noexcept;
    void trim(TimePoint now) noexcept;
    bool exceeds(TimePoint now) const noexcept;

    std::uint64_t epoch_;
    HistoryBounds bounds_;
    std::uint64_t first_ = 1;        ///< the offset of kept_.front()
    std::uint64_t last_hole_ = 0;
    std::size_t bytes_ = 0;
    std::deque<EnvelopePtr> kept_;   ///< null: a hole
};

}  // namespace junctor
