#include "core/routing/kept_history.hpp"

#include <limits>

#include "core/base/byte_reader.hpp"
#include "core/store/byte_writer.hpp"
#include "core/store/envelope_record.hpp"
#include "core/store/keys.hpp"
#include "core/store/record.hpp"

namespace junctor {
namespace {

/// A range costs the store more than a record does: what was dropped goes in lots.
constexpr std::uint64_t records_per_erase = 256;

}  // namespace

KeptHistory::KeptHistory(const HistoryRule& rule, Journal& journal)
    : rule_(rule), journal_(journal), store_id_(store_id(rule)), stream_(0, rule.bounds) {}

/// FNV-1a: has to stay the same for ever, which no library's hash promises. The own record tells collisions.
std::uint64_t KeptHistory::store_id(const HistoryRule& rule) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325 ^ rule.filter.tenant().value;
    for (const char character : rule.filter.text()) hash = (hash ^ static_cast<std::uint8_t>(character)) * 0x100'0000'01b3;
    return hash;
}

void KeptHistory::restore_own(Bytes body) {
    ByteReader reader(body);
    const std::uint64_t epoch = reader.u64();
    const std::uint64_t reserved = reader.u64();
    const TenantId tenant{reader.u32()};
    if (reader.failed() || tenant != rule_.filter.tenant() || as_text(reader.rest()) != rule_.filter.text()) return;
    stream_ = HistoryStream(epoch, rule_.bounds);
    reserved_ = reserved;
    known_ = true;
}

void KeptHistory::restore(std::uint64_t offset, EnvelopePtr envelope) {
    if (known_ && offset > stream_.last().offset) stream_.restore(offset, std::move(envelope));
}

void KeptHistory::restored(TimePoint now, std::uint64_t fresh_epoch) {
    if (!known_) return begin_anew(fresh_epoch);
    stream_.skip_to(reserved_);
    reserve(stream_.last().offset + lot);
    trim(now);
}

/// If the record is lost in a crash, so is the epoch: nobody is misled by offsets of this lot, and they may be given at once.
void KeptHistory::begin_anew(std::uint64_t epoch) {
    if (journal_.stores())
        journal_.batch().erase_range(keys::history(store_id_, 0), keys::history(store_id_, std::numeric_limits<std::uint64_t>::max()));
    stream_ = HistoryStream(epoch, rule_.bounds);
    stored_from_ = 1;
    reserve(lot);
    usable_ = lot;
}

void KeptHistory::prepare_offset(std::uint64_t fresh_epoch) {
    if (journal_.is_durable(reserved_at_)) usable_ = reserved_;
    if (stream_.last().offset >= usable_) begin_anew(fresh_epoch);
    if (reserved_ - stream_.last().offset < lot / 2) reserve(stream_.last().offset + lot);
}

void KeptHistory::reserve(std::uint64_t up_to) {
    reserved_ = up_to;
    reserved_at_ = journal_.position();
    ByteBuffer body;
    ByteWriter writer(body);
    writer.u64(stream_.last().epoch);
    writer.u64(reserved_);
    writer.u32(rule_.filter.tenant().value);
    append(body, rule_.filter.text());
    put(keys::history(store_id_, 0), std::move(body));
}

void KeptHistory::put(Bytes key, ByteBuffer body) {
    if (journal_.stores()) journal_.batch().put(key, seal(key, body));
}

void KeptHistory::keep(const EnvelopePtr& envelope, const ClockPair& clocks, std::uint64_t fresh_epoch) {
    prepare_offset(fresh_epoch);
    stream_.append(envelope, clocks.now);
    if (!journal_.stores()) return;
    const std::uint64_t offset = envelope->history().offset;
    if (offset >= stream_.first_offset()) {
        ByteBuffer body;
        append_envelope(body, *envelope, clocks);
        put(keys::history(store_id_, offset), std::move(body));
    }
    erase_dropped(records_per_erase);
}

void KeptHistory::trim(TimePoint now) {
    stream_.trim(now);
    erase_dropped(1);
}

void KeptHistory::erase_dropped(std::uint64_t at_least) {
    const std::uint64_t first = stream_.first_offset();
    if (!journal_.stores() || first - stored_from_ < at_least) return;
    journal_.batch().erase_range(keys::history(store_id_, stored_from_), keys::history(store_id_, first));
    stored_from_ = first;
}

}  // namespace junctor
