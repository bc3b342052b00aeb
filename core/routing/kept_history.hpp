#pragma once

#include "core/model/history_rule.hpp"
#include "core/routing/history_stream.hpp"
#include "core/store/clock_pair.hpp"
#include "core/store/envelope_record.hpp"
#include "core/store/journal.hpp"

namespace junctor {

/// One rule's history on its home core: the stream, and its records in the core's journal.
///
/// A client may see an offset before it is durable, so an offset is never given twice: the history's own record reserves them ahead, in
/// lots. After a restart the count goes on behind what was reserved, and a bridge says so: any other offset that is missing then is a
/// message that was lost. The own record also tells up to where messages are gone that were kept once, or could not be written.
class KeptHistory {
public:
    KeptHistory(const HistoryRule& rule, Journal& journal);

    /// Where its records stand: the same for the same rule in every run.
    static std::uint64_t store_id(const HistoryRule& rule) noexcept;
    /// Erases all that stands there.
    static void erase(std::uint64_t store_id, Journal& journal);

    /// At the start, in the order of the keys: the history's own record, then those behind it (empty: unreadable).
    void restore_own(Bytes body);
    void restore(std::uint64_t offset, Bytes body, EnvelopeDecoder& decoder);
    /// Ends that, also where there was nothing. Without a good own record nothing has been taken and the store is cleared of it: the
    /// history begins under `fresh_epoch`, `with_past`: as with `start_over`.
    void restored(TimePoint now, std::uint64_t fresh_epoch, bool with_past = false);

    /// Begins under another epoch, with nothing. Until `past_told` it is told what was before, by `keep`; a process that dies meanwhile
    /// finds no history, so that none has a hole.
    void start_over(std::uint64_t epoch);
    bool wants_past() const noexcept { return wants_past_; }
    void past_told();

    /// The message becomes the last one and knows its place; durable with the journal's present batch. While the reserved offsets are
    /// used up, because the store has not taken more of them, messages get no place, and a gap is left where they would be.
    void keep(const EnvelopePtr& envelope, const ClockPair& clocks);
    /// Lets go of what is too old.
    void trim(TimePoint now);
    void change_bounds(HistoryBounds bounds, TimePoint now);
    const HistoryStream& stream() const noexcept { return stream_; }
    const HistoryRule& rule() const noexcept { return rule_; }

    static constexpr std::uint64_t lot = 65'536;

private:
    void begin_anew(std::uint64_t epoch);
    bool prepare_offset();
    void reserve(std::uint64_t up_to);
    void write_own();
    void write(const Envelope& envelope, const ClockPair& clocks);
    void put(Bytes key, ByteBuffer& body);
    void erase_dropped(std::uint64_t at_least);

    HistoryRule rule_;
    Journal& journal_;
    std::uint64_t store_id_;
    HistoryStream stream_;
    std::uint64_t reserved_ = 0;     ///< as the last own record says
    std::uint64_t reserved_at_ = 0;  ///< the journal's position with which that became so
    std::uint64_t usable_ = 0;       ///< offsets before this one may be given
    std::uint64_t stored_from_ = 1;  ///< no record stands before this offset
    std::uint64_t unwritten_ = 0;    ///< the last offset whose message the store does not have; 0: none
    bool tells_unwritten_ = true;    ///< the own record knows of it
    bool wants_past_ = false;        ///< no own record is written yet
    bool known_ = false;             ///< the store held a good own record
};

}  // namespace junctor
