// Durable sessions as the store gives them back.

#include "core/runtime/core.hpp"
#include "core/session/durable_sessions.hpp"

namespace junctor {
namespace {

/// Of the one transaction in which all cores take over what belonged to others. Nobody else's are under way by then.
constexpr std::uint64_t takeover_transaction = UINT64_MAX;

}  // namespace

void DurableSessions::prepare(const StoredSessions::Part& part) {
    records_.begin_after(part.last_session, part.last_message);
    StoreBatch& batch = journal().batch();
    for (const ByteBuffer& key : part.obsolete) batch.erase(key);
    if (part.moves) batch.join({takeover_transaction, core_.count()});
}

void DurableSessions::restore(DurableSession& session, StoredSessions::Stored stored, const StoredSessions::Messages& messages) {
    session.number_ = stored.number;
    session.expiry_ = stored.record.expiry;
    session.will_ = std::move(stored.record.will);
    session.unreleased_ = std::move(stored.unreleased);
    for (StoredSessions::Entry& each : stored.queue) {
        const std::uint64_t before = each.record.message;
        DurableQueue::Entry entry = entry_of(each, messages);
        if (messages_.number(entry.message) != before) write(session, entry);
        session.queue_.restore(std::move(entry));
    }
    session.queue_.presume_sent(core_.limits().in_flight);
    session.epoch_ = stored.record.epoch;
    session.queue_.skip_to(stored.record.reserved);
    session.usable_ = stored.record.reserved;
    // Who was connected when the process ended lost the connection by that: now.
    const ClockPair clocks{core_.now(), core_.wall()};
    session.detached_at_ = stored.record.detached_at.value_or(clocks.wall);
    const TimePoint detached = clocks.to_monotonic(*session.detached_at_);
    session.ends_at_ = after(detached, session.expiry_);
    if (session.will_) session.will_at_ = std::min(session.ends_at_, after(detached, session.will_->delay));
    reserve(session, session.queue_.last_sequence());
    arm(session);
}

/// A message that another core stored becomes this core's own.
DurableQueue::Entry DurableSessions::entry_of(StoredSessions::Entry& stored, const StoredSessions::Messages& messages) {
    DurableQueue::Entry entry;
    entry.envelope = messages.at(stored.record.message);
    entry.sequence = stored.sequence;
    entry.qos = stored.record.qos;
    entry.retain = stored.record.retain;
    entry.state = stored.record.received ? DurableQueue::Entry::State::received : DurableQueue::Entry::State::waiting;
    if (!stored.record.subscription_ids.empty())
        entry.subscription_ids = std::make_unique<const std::vector<std::uint32_t>>(std::move(stored.record.subscription_ids));
    if (!stored.record.group.empty()) entry.group = restored_group(entry.envelope->topic().tenant(), stored.record.group);
    entry.message = hold_restored(stored.record.message, entry.envelope);
    entry.position = journal().batch().empty() ? 0 : journal().position();
    return entry;
}

Ref<const SharedGroup> DurableSessions::restored_group(TenantId tenant, const std::string& filter) {
    if (!restored_group_ || restored_group_->filter.tenant() != tenant || restored_group_->filter.canonical() != filter)
        restored_group_ = Ref<const SharedGroup>(new SharedGroup(TopicFilter::trusted(tenant, filter)));
    return restored_group_;
}

std::uint32_t DurableSessions::hold_restored(std::uint64_t number, const EnvelopePtr& envelope) {
    const bool own = core_of_message(number) == core_.id();
    const std::size_t bytes = messages_.bytes();
    const std::size_t count = messages_.size();
    const std::uint32_t id = messages_.hold_again(restored_[number], envelope, own ? number : 0);
    count_messages(count, bytes);
    if (messages_.number(id) == 0) {
        messages_.set_number(id, records_.new_message());
        records_.message(messages_.number(id), *envelope);
    }
    return restored_[number] = id;
}

}  // namespace junctor
