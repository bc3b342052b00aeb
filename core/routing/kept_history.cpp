#include "core/routing/kept_history.hpp"

#include <limits>
#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/store/byte_writer.hpp"
#include "core/store/keys.hpp"
#include "core/store/record.hpp"

namespace junctor {
namespace {

/// A range costs the store more than a record does: what was dropped goes in lots.
constexpr std::uint64_t records_per_erase = 256;

/// A bridge begins with this byte; no message does.
constexpr std::uint8_t bridge_mark = 0;

}  // namespace

KeptHistory::KeptHistory(const HistoryRule& rule, Journal& journal)
    : rule_(rule), journal_(journal), store_id_(store_id(rule)), stream_(0, rule.bounds) {}

/// FNV-1a: has to stay the same for ever, which no library's hash promises. The own record tells collisions.
std::uint64_t KeptHistory::store_id(const HistoryRule& rule) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325 ^ rule.filter.tenant().value;
    for (const char character : rule.filter.text()) hash = (hash ^ static_cast<std::uint8_t>(character)) * 0x100'0000'01b3;
    return hash;
}

void KeptHistory::erase(std::uint64_t store_id, Journal& journal) {
    if (!journal.stores()) return;
    journal.batch().erase_range(keys::begin_of(keys::Kind::history, store_id), keys::end_of(keys::Kind::history, store_id));
}

void KeptHistory::restore_own(Bytes body) {
    ByteReader reader(body);
    const std::uint64_t epoch = reader.u64();
    const std::uint64_t reserved = reader.u64();
    const std::uint64_t gone = reader.u64();
    const TenantId tenant{reader.u32()};
    if (reader.failed() || tenant != rule_.filter.tenant() || as_text(reader.rest()) != rule_.filter.text()) return;
    stream_ = HistoryStream(epoch, rule_.bounds);
    stream_.lose_up_to(gone);
    reserved_ = reserved;
    known_ = true;
}

void KeptHistory::restore(std::uint64_t offset, Bytes body, EnvelopeDecoder& decoder) {
    if (!known_ || offset <= stream_.last().offset) return;
    if (body.empty() || body.front() != bridge_mark) return stream_.restore(offset, decoder.decode(body));
    ByteReader reader(body.subspan(1));
    const std::uint64_t from = reader.u64();
    reader.failed() ? stream_.restore(offset, nullptr) : stream_.bridge(from, offset);
}

void KeptHistory::restored(TimePoint now, std::uint64_t fresh_epoch, bool with_past) {
    if (!known_) return with_past ? start_over(fresh_epoch) : begin_anew(fresh_epoch);
    const std::uint64_t end = std::max(stream_.last().offset, stream_.whole_after().offset);
    if (reserved_ > end) {
        stream_.bridge(end, reserved_);
        ByteBuffer body;
        ByteWriter writer(body);
        writer.u8(bridge_mark);
        writer.u64(end);
        put(keys::history(store_id_, reserved_), body);
    }
    reserve(stream_.last().offset + lot);
    trim(now);
}

/// If the record is lost in a crash, so is the epoch: nobody is misled by offsets of this lot, and they may be given at once.
void KeptHistory::begin_anew(std::uint64_t epoch) {
    erase(store_id_, journal_);
    stream_ = HistoryStream(epoch, rule_.bounds);
    stored_from_ = 1;
    unwritten_ = 0;
    reserve(lot);
    usable_ = lot;
}

void KeptHistory::start_over(std::uint64_t epoch) {
    wants_past_ = true;
    begin_anew(epoch);
}

/// Behind all that was told, so that after a crash the own record stands only with them. As with a fresh epoch the offsets may be given at once.
void KeptHistory::past_told() {
    if (!std::exchange(wants_past_, false)) return;
    reserve(stream_.last().offset + lot);
    usable_ = reserved_;
}

/// False when there is none. The last one of a lot is never given: it names the gap behind which the next lot begins.
bool KeptHistory::prepare_offset() {
    if (wants_past_ || journal_.is_durable(reserved_at_)) usable_ = reserved_;
    if (stream_.last().offset + 1 >= usable_) {
        stream_.bridge(stream_.last().offset, usable_);
        stream_.lose_up_to(stream_.last().offset);
        tells_unwritten_ = false;
        return false;
    }
    if (reserved_ - stream_.last().offset < lot / 2) reserve(stream_.last().offset + lot);
    return true;
}

void KeptHistory::reserve(std::uint64_t up_to) {
    reserved_ = up_to;
    reserved_at_ = journal_.position();
    write_own();
}

void KeptHistory::write_own() {
    if (wants_past_) return;
    tells_unwritten_ = true;
    ByteBuffer body;
    ByteWriter writer(body);
    writer.u64(stream_.last().epoch);
    writer.u64(reserved_);
    writer.u64(std::max(stream_.whole_after().offset, unwritten_));
    writer.u32(rule_.filter.tenant().value);
    append(body, rule_.filter.text());
    put(keys::history(store_id_, 0), body);
}

void KeptHistory::put(Bytes key, ByteBuffer& body) {
    if (journal_.stores()) journal_.batch().put(key, seal(key, body));
}

void KeptHistory::keep(const EnvelopePtr& envelope, const ClockPair& clocks) {
    if (!prepare_offset()) return;
    stream_.append(envelope, clocks.now);
    if (!journal_.stores()) return;
    write(*envelope, clocks);
    erase_dropped(records_per_erase);
}

void KeptHistory::write(const Envelope& envelope, const ClockPair& clocks) {
    const std::uint64_t offset = envelope.history().offset;
    if (envelope.qos() == Qos::at_most_once && !journal_.accepts()) {
        unwritten_ = offset;
        tells_unwritten_ = false;
        return;
    }
    const bool went_at_once = offset < stream_.first_offset();
    if (went_at_once || !tells_unwritten_) write_own();
    if (went_at_once) return;
    ByteBuffer body;
    append_envelope(body, envelope, clocks);
    put(keys::history(store_id_, offset), body);
}

void KeptHistory::change_bounds(HistoryBounds bounds, TimePoint now) {
    rule_.bounds = bounds;
    stream_.change_bounds(bounds, now);
    erase_dropped(1);
}

void KeptHistory::trim(TimePoint now) {
    stream_.trim(now);
    erase_dropped(1);
}

/// A bridge behind what was dropped stays: what it leads from may be somebody's position.
void KeptHistory::erase_dropped(std::uint64_t at_least) {
    const std::uint64_t end = std::min(stream_.first_offset(), stream_.whole_after().offset + 1);
    if (!journal_.stores() || end < stored_from_ + at_least) return;
    journal_.batch().erase_range(keys::history(store_id_, stored_from_), keys::history(store_id_, end));
    stored_from_ = end;
    write_own();
}

}  // namespace junctor
