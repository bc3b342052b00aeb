#include "core/session/session_journal.hpp"

#include <algorithm>

#include "core/runtime/core.hpp"
#include "core/store/envelope_record.hpp"
#include "core/store/record.hpp"

namespace junctor {
namespace {

constexpr Duration laziness = std::chrono::milliseconds(50);
constexpr std::size_t most_spent = 65'536;

ClockPair clocks_of(const Core& core) noexcept { return {core.now(), core.wall()}; }

keys::FixedKey entry_key(std::uint64_t session, std::uint64_t sequence) noexcept { return keys::queued(session, sequence); }
keys::FixedKey message_key(std::uint64_t core, std::uint64_t counter) noexcept {
    return keys::message({static_cast<std::uint16_t>(core)}, counter);
}

}  // namespace

bool SessionJournal::stores() const noexcept { return core_.journal().stores(); }

std::uint64_t SessionJournal::new_session() noexcept { return std::uint64_t{core_.id().value} << 48 | ++last_session_; }
std::uint64_t SessionJournal::new_message() noexcept { return message_number(core_.id(), ++last_message_); }

void SessionJournal::begin_after(std::uint64_t last_session, std::uint64_t last_message) noexcept {
    last_session_ = std::max(last_session_, last_session);
    last_message_ = std::max(last_message_, last_message);
}

void SessionJournal::put(Bytes key, ByteBuffer& body) {
    core_.journal().batch().put(key, seal(key, body));
    body.clear();
}

void SessionJournal::session(std::uint64_t number, const SessionRecord& record) {
    append_session(body_, record, clocks_of(core_));
    put(keys::session(number), body_);
}

void SessionJournal::session_ended(std::uint64_t number) {
    StoreBatch& batch = core_.journal().batch();
    batch.erase(keys::session(number));
    for (const keys::Kind kind : {keys::Kind::subscription, keys::Kind::queued, keys::Kind::unreleased})
        batch.erase_range(keys::begin_of(kind, number), keys::end_of(kind, number));
}

void SessionJournal::subscribed(std::uint64_t session, const TopicFilter& filter, const SubscribeOptions& options) {
    append_subscription(body_, options);
    put(keys::subscription(session, filter.canonical()), body_);
}

void SessionJournal::unsubscribed(std::uint64_t session, const TopicFilter& filter) {
    core_.journal().batch().erase(keys::subscription(session, filter.canonical()));
}

void SessionJournal::unreleased(std::uint64_t session, std::uint16_t id) { put(keys::unreleased(session, id), body_); }
void SessionJournal::released(std::uint64_t session, std::uint16_t id) { core_.journal().batch().erase(keys::unreleased(session, id)); }

void SessionJournal::message(std::uint64_t number, const Envelope& envelope) {
    append_envelope(body_, envelope, clocks_of(core_));
    put(keys::message(core_of_message(number), counter_of_message(number)), body_);
}

void SessionJournal::queued(std::uint64_t session, std::uint64_t sequence, const QueuedRecord& record) {
    append_queued(body_, record);
    put(keys::queued(session, sequence), body_);
}

void SessionJournal::will(SessionId session, const Will* will, const PrincipalRef& principal) {
    const keys::FixedKey key = keys::will(session);
    if (!will) return core_.journal().batch().erase(key);
    append_will(body_, *will, principal, clocks_of(core_));
    put(key, body_);
}

void SessionJournal::entry_spent(std::uint64_t session, std::uint64_t sequence) { spend(entries_, {session, sequence}); }
void SessionJournal::message_spent(std::uint64_t number) {
    spend(messages_, {core_of_message(number).value, counter_of_message(number)});
}

void SessionJournal::spend(std::vector<Spent>& list, Spent what) {
    list.push_back(what);
    if (list.size() >= most_spent) return sweep();
    if (!sweep_.armed()) core_.timers().arm(sweep_, core_.now() + laziness);
}

/// Entries first: one that is there without its message would look like a loss.
void SessionJournal::sweep() {
    erase_runs(entries_, entry_key);
    erase_runs(messages_, message_key);
}

void SessionJournal::erase_runs(std::vector<Spent>& list, keys::FixedKey (*key)(std::uint64_t, std::uint64_t) noexcept) {
    std::sort(list.begin(), list.end());
    StoreBatch& batch = core_.journal().batch();
    for (std::size_t first = 0; first < list.size();) {
        std::size_t last = first + 1;
        while (last < list.size() && list[last].owner == list[first].owner && list[last].number == list[last - 1].number + 1) ++last;
        const keys::FixedKey from = key(list[first].owner, list[first].number);
        last - first == 1 ? batch.erase(from) : batch.erase_range(from, key(list[first].owner, list[last - 1].number + 1));
        first = last;
    }
    list.clear();
}

}  // namespace junctor
