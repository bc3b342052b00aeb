#pragma once

#include "core/model/history_rule.hpp"
#include "core/routing/history_stream.hpp"
#include "core/store/clock_pair.hpp"
#include "core/store/journal.hpp"

namespace junctor {

/// One rule's history on its home core: the stream, and its records in the core's journal.
///
/// A client may see an offset before it is durable, so an offset is never given twice: the history's own record reserves them ahead, in
/// lots. After a restart the count goes on behind what was reserved.
class KeptHistory {
public:
    KeptHistory(const HistoryRule& rule, Journal& journal);

    /// Where its records stand: the same for the same rule in every run.
    static std::uint64_t store_id(const HistoryRule& rule) noexcept;

    /// At the start, in the order of the keys: the history's own record, then its messages (null: unreadable).
    void restore_own(Bytes body);
    void restore(std::uint64_t offset, EnvelopePtr envelope);
    /// Ends that, also where there was nothing. Without a good own record nothing has been taken and the store is cleared of it: the
    /// history begins under `fresh_epoch`.
    void restored(TimePoint now, std::uint64_t fresh_epoch);

    /// The message becomes the last one and knows its place; durable with the journal's present batch. The history begins anew under
    /// `fresh_epoch` when the reserved offsets are used up before the store has taken more.
    void keep(const EnvelopePtr& envelope, const ClockPair& clocks, std::uint64_t fresh_epoch);
    /// Lets go of what is too old.
    void trim(TimePoint now);
    const HistoryStream& stream() const noexcept { return stream_; }
    const HistoryRule& rule() const noexcept { return rule_; }

    static constexpr std::uint64_t lot = 65'536;

private:
    void begin_anew(std::uint64_t epoch);
    void prepare_offset(std::uint64_t fresh_epoch);
    void reserve(std::uint64_t up_to);
    void put(Bytes key, ByteBuffer body);
    void erase_dropped(std::uint64_t at_least);

    HistoryRule rule_;
    Journal& journal_;
    std::uint64_t store_id_;
    HistoryStream stream_;
    std::uint64_t reserved_ = 0;     ///< as the last own record says
    std::uint64_t reserved_at_ = 0;  ///< the journal's position with that record
    std::uint64_t usable_ = 0;       ///< offsets up to here may be given
    std::uint64_t stored_from_ = 1;  ///< no record stands before this offset
    bool known_ = false;             ///< the store held a good own record
};

}  // namespace junctor
