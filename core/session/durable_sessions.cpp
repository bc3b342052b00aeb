#include "core/session/durable_sessions.hpp"

#include <cassert>

#include "core/observe/metrics.hpp"
#include "core/runtime/core.hpp"
#include "core/session/session_table.hpp"

namespace junctor {
namespace {

struct DurableMetrics {
    Gauge sessions = gauge("junctor_durable_sessions", "Sessions that outlive their connection");
    Gauge away = gauge("junctor_durable_sessions_away", "Sessions that outlive their connection and have none at present");
    Gauge messages = gauge("junctor_kept_messages", "Messages that wait in queues of durable sessions, once each");
    Gauge bytes = gauge("junctor_kept_bytes", "Bytes that messages in queues of durable sessions hold");
    Counter overflow = counter("junctor_messages_dropped_total", "Messages that were not delivered, by reason", {{"reason", "offline_queue_full"}});
    Counter expired = counter("junctor_messages_dropped_total", "Messages that were not delivered, by reason", {{"reason", "expired"}});
    Counter denied = counter("junctor_messages_dropped_total", "Messages that were not delivered, by reason", {{"reason", "denied"}});
};

/// So many sequences of a session at a time. Few beside the 65,535 that may be outstanding: after a restart they lie between.
constexpr std::uint64_t sequences_reserved = 4'096;

const DurableMetrics& durable_metrics() {
    static const DurableMetrics metrics;
    return metrics;
}

}  // namespace

DurableSessions::DurableSessions(Core& core, Owner& owner) : core_(core), owner_(owner) { journal().add(*this); }
DurableSessions::~DurableSessions() = default;

Journal& DurableSessions::journal() const noexcept { return core_.journal(); }

DurableSession* DurableSessions::find(SessionId id) const noexcept {
    const bool there = id.slot() < by_slot_.size() && by_slot_[id.slot()] && by_slot_[id.slot()]->id() == id;
    return there ? by_slot_[id.slot()].get() : nullptr;
}

DurableSession* DurableSessions::find(TenantId tenant, std::string_view name) const noexcept {
    const Session* session = core_.sessions().find(tenant, name);
    return session ? find(session->id()) : nullptr;
}

bool DurableSessions::has_room() const noexcept { return count_ < core_.limits().durable_sessions / core_.count(); }

DurableSession& DurableSessions::adopt(std::unique_ptr<DurableSession> session) {
    const std::uint32_t slot = session->id().slot();
    if (slot >= by_slot_.size()) by_slot_.resize(slot + 1);
    by_slot_[slot] = std::move(session);
    ++count_;
    core_.metrics().add(durable_metrics().sessions, 1);
    core_.metrics().add(durable_metrics().away, 1);
    return *by_slot_[slot];
}

void DurableSessions::attach(DurableSession& session, Session& wire, Duration expiry) {
    const std::uint32_t slot = wire.id().slot();
    if (slot >= by_wire_.size()) by_wire_.resize(slot + 1);
    by_wire_[slot] = &session;
    if (session.will_at_ <= core_.now()) fire_will(session);  // due before its timer has come round: a restart was it
    session.will_.reset();
    session.will_at_ = session.ends_at_ = TimePoint::max();
    session.expiry_ = expiry;
    session.detached_at_.reset();
    core_.timers().cancel(session.deadline_);
    session.attach(wire);
    core_.metrics().add(durable_metrics().away, -1);
    write(session);
    owner_.rewired(session);
}

void DurableSessions::renew(DurableSession& session, PrincipalRef principal) {
    session.set_principal(std::move(principal));
    write(session);
}

void DurableSessions::change_expiry(DurableSession& session, Duration expiry) noexcept {
    session.expiry_ = expiry;
    write(session);
}

void DurableSessions::set_will(DurableSession& session, std::unique_ptr<Will> will) noexcept {
    session.will_ = std::move(will);
    write(session);
}

void DurableSessions::detach(DurableSession& session) noexcept {
    assert(session.wire());
    by_wire_[session.wire()->id().slot()] = nullptr;
    session.detach();
    core_.metrics().add(durable_metrics().away, 1);
    owner_.rewired(session);
    session.detached_at_ = core_.wall();
    const TimePoint now = core_.now();
    session.ends_at_ = after(now, session.expiry_);
    if (session.will_) session.will_at_ = std::min(session.ends_at_, after(now, session.will_->delay));
    if (session.ends_at_ <= now) return end(session);
    if (session.will_at_ <= now) fire_will(session);
    write(session);
    records_.sweep();
    arm(session);
}

/// Before the sequence is given.
void DurableSessions::reserve(DurableSession& session, std::uint64_t sequence) noexcept {
    if (session.reserved_ > sequence + sequences_reserved / 2) return;
    session.reserved_ = sequence + sequences_reserved;
    session.reserved_at_ = journal().position();
    write(session);
}

/// What the store is to know of the session itself.
void DurableSessions::write(DurableSession& session) noexcept {
    if (!records_.stores()) return;
    if (session.number_ == 0) session.number_ = records_.new_session();
    if (session.reserved_ == 0) {
        session.reserved_ = sequences_reserved;
        session.reserved_at_ = journal().position();
    }
    SessionRecord record{session.name_,        std::string(session.protocol_), session.principal(), session.expiry_,
                         session.detached_at_, session.epoch_,                 session.reserved_,   std::move(session.will_)};
    records_.session(session.number_, record);
    session.will_ = std::move(record.will);
}

void DurableSessions::end(DurableSession& session) noexcept {
    assert(!session.wire());
    if (std::exchange(session.ended_, true)) return;
    core_.timers().cancel(session.deadline_);
    fire_will(session);
    const std::uint32_t slot = session.id().slot();
    owner_.ended(session);
    session.queue_.for_each([&](const DurableQueue::Entry& entry) { forget(entry.message); });
    if (session.number_ != 0) records_.session_ended(session.number_);
    ended_.push_back(std::move(by_slot_[slot]));
    if (!sweep_.armed()) core_.timers().arm(sweep_, core_.now());
    --count_;
    core_.metrics().add(durable_metrics().sessions, -1);
    core_.metrics().add(durable_metrics().away, -1);
}

void DurableSessions::arm(DurableSession& session) noexcept {
    const TimePoint due = std::min(session.will_at_, session.ends_at_);
    if (due != TimePoint::max()) core_.timers().arm(session.deadline_, due);
}

void DurableSessions::due(DurableSession& session, TimePoint now) noexcept {
    if (session.will_at_ <= now) {
        fire_will(session);
        write(session);
    }
    if (session.ends_at_ > now) return arm(session);
    owner_.expired(session);
    end(session);
}

void DurableSessions::fire_will(DurableSession& session) noexcept {
    session.will_at_ = TimePoint::max();
    if (session.will_) owner_.will_due(session, std::move(session.will_));
}

std::uint32_t DurableSessions::hold(const EnvelopePtr& envelope) {
    const std::size_t bytes = messages_.bytes();
    const std::size_t count = messages_.size();
    const std::uint32_t id = messages_.hold(envelope);
    count_messages(count, bytes);
    if (!records_.stores() || messages_.number(id) != 0) return id;
    messages_.set_number(id, records_.new_message());
    records_.message(messages_.number(id), *envelope);
    return id;
}

void DurableSessions::forget(std::uint32_t message) noexcept {
    const std::size_t bytes = messages_.bytes();
    const std::size_t count = messages_.size();
    const std::uint64_t number = messages_.number(message);
    if (messages_.release(message) && number != 0) records_.message_spent(number);
    count_messages(count, bytes);
}

void DurableSessions::write(const DurableSession& session, const DurableQueue::Entry& entry) {
    if (!records_.stores()) return;
    const std::span<const std::uint32_t> ids = entry.ids();
    records_.queued(session.number_, entry.sequence,
                    {messages_.number(entry.message), entry.qos, entry.retain, entry.state == DurableQueue::Entry::State::received,
                     {ids.begin(), ids.end()}, entry.group ? entry.group->filter.canonical() : std::string()});
}

void DurableSessions::spent(const DurableSession& session, const DurableQueue::Entry& entry) noexcept {
    if (records_.stores()) records_.entry_spent(session.number_, entry.sequence);
    forget(entry.message);
}

void DurableSessions::subscribed(const DurableSession& session, const SubscribeRequest& request) {
    records_.subscribed(session.number_, request.filter, request.options);
}

void DurableSessions::unsubscribed(const DurableSession& session, const TopicFilter& filter) {
    records_.unsubscribed(session.number_, filter);
}

void DurableSessions::count_messages(std::size_t count_before, std::size_t bytes_before) noexcept {
    if (messages_.size() == count_before) return;
    core_.metrics().add(durable_metrics().messages, static_cast<std::int64_t>(messages_.size() - count_before));
    core_.metrics().add(durable_metrics().bytes, static_cast<std::int64_t>(messages_.bytes() - bytes_before));
}

bool DurableSessions::full(const DurableSession& session, std::size_t bytes) const noexcept {
    const Limits& limits = core_.limits();
    const DurableQueue& queue = session.queue_;
    return queue.size() >= limits.offline_messages || queue.bytes() + bytes > limits.offline_queue ||
           messages_.bytes() + bytes > limits.stored / core_.count() || owner_.over_share(session, bytes);
}

void DurableSessions::queue_changed(const DurableSession& session) noexcept { owner_.queued(session, session.queue_.bytes()); }

void DurableSessions::lost(DurableSession& session, const EnvelopePtr& envelope, Loss loss) noexcept {
    const DurableMetrics& metrics = durable_metrics();
    core_.metrics().add(loss == Loss::overflow ? metrics.overflow : loss == Loss::expired ? metrics.expired : metrics.denied);
    owner_.lost(session, envelope, loss);
}

/// The position at which everything written so far is durable.
std::uint64_t DurableSessions::written() const noexcept {
    Journal& all = journal();
    return all.batch().empty() ? all.position() - 1 : all.position();
}

void DurableSessions::wait(Wait what) noexcept {
    if (journal().is_durable(what.position)) return carry_out(what);
    waits_.push_back(std::move(what));
}

void DurableSessions::settle_when_durable(SessionId session, Token token, const Receipt& receipt) noexcept {
    if (token.value == 0) return;
    Wait settling;
    settling.position = written();
    settling.session = session;
    settling.number = token.value;
    settling.code = receipt.code;
    settling.matches = receipt.matches;
    settling.each.assign(receipt.each.begin(), receipt.each.end());
    settling.history.assign(receipt.history.begin(), receipt.history.end());
    settling.reason = receipt.reason;
    wait(std::move(settling));
}

void DurableSessions::release_when_durable(DurableSession& session, std::uint64_t sequence) noexcept {
    Wait releasing;
    releasing.what = Wait::What::release;
    releasing.position = written();
    releasing.session = session.id();
    releasing.wire = session.wire()->id();
    releasing.number = sequence;
    wait(std::move(releasing));
}

void DurableSessions::pump_when_durable(DurableSession& session, std::uint64_t position) noexcept {
    if (std::exchange(session.pumps_at_, position) == position) return;
    Wait pumping;
    pumping.what = Wait::What::pump;
    pumping.position = position;
    pumping.session = session.id();
    wait(std::move(pumping));
}

void DurableSessions::committed(std::uint64_t position) noexcept {
    while (!waits_.empty() && waits_.front().position <= position) carry_out(waits_.pop_front());
}

void DurableSessions::carry_out(const Wait& what) noexcept {
    if (what.what == Wait::What::settle) {
        Session* session = core_.sessions().find(what.session);
        if (session) session->settled({what.number}, {what.code, what.matches, what.reason, what.each, what.history});
        return;
    }
    DurableSession* session = find(what.session);
    if (!session) return;
    if (what.what == Wait::What::pump) return session->pump();
    // A later connection hears of it by Repeat::release.
    if (session->wire() && session->wire()->id() == what.wire) session->wire()->released(what.number);
}

void DurableSessions::settle_again(DurableSession& session, Token token) noexcept {
    settle_when_durable(session.wire()->id(), token, {Errc::ok, 1, {}, {}});
}

void DurableSessions::note_unreleased(DurableSession& session, std::uint16_t id) {
    session.note_unreleased(id);
    if (records_.stores()) records_.unreleased(session.number_, id);
}

void DurableSessions::release(DurableSession& session, std::uint16_t id, Token token) noexcept {
    session.release(id);
    if (records_.stores()) records_.released(session.number_, id);
    settle_when_durable(session.wire()->id(), token, {});
}

}  // namespace junctor
