#include "core/session/durable_session.hpp"

#include <algorithm>
#include <cassert>

#include "core/ports/template.hpp"
#include "core/runtime/core.hpp"
#include "core/session/durable_sessions.hpp"

namespace junctor {

using Entry = DurableQueue::Entry;

namespace {

/// The client has not got it, or may get it twice.
bool may_go_elsewhere(const Entry& entry) noexcept {
    return entry.state == Entry::State::waiting || (entry.state == Entry::State::sent && entry.qos == Qos::at_least_once);
}

}  // namespace

DurableSession::DurableSession(DurableSessions& keeper, const Session& wire)
    : DurableSession(keeper, std::string(wire.name()), wire.protocol(), wire.principal()) {}

DurableSession::DurableSession(DurableSessions& keeper, std::string name, std::string_view protocol, PrincipalRef principal)
    : keeper_(keeper), name_(std::move(name)), epoch_(keeper.core().random().next()), protocol_(protocol) {
    set_principal(std::move(principal));
}

void DurableSession::Deadline::expired(TimePoint now) noexcept { session.keeper_.due(session, now); }

void DurableSession::attach(Session& wire) noexcept {
    assert(!wire_);
    wire_ = &wire;
    protocol_ = wire.protocol();
    set_principal(wire.principal());
    ready_ = false;
    queue_.resume();
}

void DurableSession::detach() noexcept {
    wire_ = nullptr;
    ready_ = false;
}

void DurableSession::close(CloseReason reason, std::string_view text) noexcept {
    if (wire_) wire_->close(reason, text);
}

DeliverResult DurableSession::deliver(const Delivery& delivery) noexcept {
    if (delivery.qos == Qos::at_most_once) return pass_on(delivery);
    if (!keep(delivery)) return DeliverResult::dropped_oldest;
    pump(&delivery);
    return DeliverResult::stored;
}

DeliverResult DurableSession::pass_on(const Delivery& delivery) noexcept {
    return wire_ && ready_ ? wire_->deliver(delivery) : DeliverResult::refused;
}

bool DurableSession::keep(const Delivery& delivery) {
    Entry entry;
    entry.envelope = delivery.envelope;
    entry.group = delivery.group;
    entry.qos = delivery.qos;
    entry.retain = delivery.retain;
    const std::span<const std::uint32_t> ids = delivery.subscription_ids;
    if (!ids.empty()) entry.subscription_ids = std::make_unique<const std::vector<std::uint32_t>>(ids.begin(), ids.end());
    if (!make_room(entry.cost())) {
        keeper_.lost(*this, delivery.envelope, Loss::overflow);
        return false;
    }
    entry.message = keeper_.hold(delivery.envelope);
    entry.sequence = queue_.last_sequence() + 1;
    entry.position = keeper_.journal().position();
    keeper_.reserve(*this, entry.sequence);
    keeper_.write(*this, entry);
    queue_.append(std::move(entry));
    keeper_.queue_changed(*this);
    return true;
}

bool DurableSession::may_be_given_again(std::uint64_t sequence) noexcept {
    if (sequence > usable_ && keeper_.journal().is_durable(reserved_at_)) usable_ = reserved_;
    return sequence > usable_;
}

/// False when the newest is the one to go.
bool DurableSession::make_room(std::size_t bytes) noexcept {
    while (keeper_.full(*this, bytes)) {
        std::optional<Entry> oldest;
        if (keeper_.core().limits().offline_overflow == Overflow::drop_oldest) oldest = queue_.drop_oldest();
        if (!oldest) return false;
        keeper_.lost(*this, oldest->envelope, Loss::overflow);
        finish(std::move(oldest));
    }
    return true;
}

void DurableSession::ready() noexcept {
    if (!wire_) return;
    ready_ = true;
    pump();
}

void DurableSession::pump() noexcept { pump(nullptr); }

/// `fresh`: what has just been appended, encoded for this wire already.
void DurableSession::pump(const Delivery* fresh) noexcept {
    if (pumping_) return;
    pumping_ = true;
    while (wire_ && ready_) {
        const std::optional<DurableQueue::Next> next = queue_.next();
        if (!next || !offer(*next, fresh)) break;
    }
    pumping_ = false;
}

/// False when the wire does not take it now; else it has left those that wait, one way or another.
bool DurableSession::offer(const DurableQueue::Next& next, const Delivery* fresh) noexcept {
    const Entry& entry = *next.entry;
    const bool is_fresh = fresh && entry.sequence == queue_.last_sequence();
    if (!is_fresh || keeper_.owner().sifts()) {
        Prospect prospect = prospect_of(next);
        if (prospect.loss) {
            give_up(queue_.skip(), *prospect.loss);
            return true;
        }
        if (prospect.waits) return false;
    }
    // What is not durable could be gone after a crash, and what a client knows by a sequence must not be another message later. At QoS 2
    // the packet identifier follows from the sequence, and the message that would come again under another one would not be known.
    if ((entry.qos == Qos::exactly_once || may_be_given_again(entry.sequence)) && !keeper_.journal().is_durable(entry.position)) {
        keeper_.pump_when_durable(*this, entry.position);
        return false;
    }
    if (!wire_->accepts(entry.qos)) return false;
    return send(next, is_fresh ? &fresh->encoded : nullptr) != DeliverResult::refused;
}

/// The client is not to have it: somebody else is, or nobody.
void DurableSession::give_up(Entry entry, Loss loss) noexcept {
    const bool passed_on = loss == Loss::denied && may_go_elsewhere(entry) && keeper_.owner().passes_on(*this, entry.envelope, entry.group);
    if (!passed_on) keeper_.lost(*this, entry.envelope, loss);
    finish(std::move(entry));
}

/// What was due or allowed when it came may not be now.
DurableSession::Prospect DurableSession::prospect_of(const DurableQueue::Next& next) noexcept {
    if (next.repeat == Repeat::release) return {};
    if (next.repeat == Repeat::no && next.entry->envelope->expired(keeper_.core().now())) return {Loss::expired, false};
    const std::optional<bool> may_have = keeper_.owner().may_have(*this, next.entry->envelope->topic());
    if (!may_have) return {std::nullopt, true};
    return {*may_have ? std::nullopt : std::optional(Loss::denied), false};
}

DeliverResult DurableSession::send(const DurableQueue::Next& next, const Template* encoded) noexcept {
    // Copies, because the wire may change the queue from within its `deliver`.
    const Entry& entry = *next.entry;
    const EnvelopePtr envelope = entry.envelope;
    const Ref<const SharedGroup> group = entry.group;
    const std::vector<std::uint32_t> ids(entry.ids().begin(), entry.ids().end());
    Template own;
    if (!encoded && next.repeat != Repeat::release) {
        SubscribeOptions options;
        options.max_qos = entry.qos;
        wire_->encode(*envelope, wire_->variant(options), own);
    }
    const Delivery delivery{envelope,       encoded ? *encoded : own, entry.qos,  entry.retain, ids,
                            entry.sequence, next.repeat,              group.get()};
    queue_.sent();
    return wire_->deliver(delivery);
}

void DurableSession::acknowledge(std::uint64_t sequence, Progress progress) noexcept {
    switch (progress) {
    case Progress::received:
        if (const Entry* entry = queue_.received(sequence, keeper_.journal().position())) {
            keeper_.write(*this, *entry);
            keeper_.release_when_durable(*this, sequence);
        }
        break;
    case Progress::done: finish(queue_.done(sequence)); break;
    case Progress::done_up_to:
        while (std::optional<Entry> entry = queue_.done_up_to(sequence)) finish(std::move(entry));
        break;
    }
    pump();
}

/// An entry has left the queue.
void DurableSession::finish(std::optional<Entry> entry) noexcept {
    if (!entry) return;
    keeper_.spent(*this, *entry);
    keeper_.queue_changed(*this);
}

std::vector<HandedBack> DurableSession::hand_back() noexcept {
    std::vector<HandedBack> back;
    queue_.for_each([&](const Entry& entry) {
        if (entry.group && may_go_elsewhere(entry)) back.push_back({entry.envelope, entry.group});
    });
    return back;
}

Token DurableSession::begin(Token token, std::span<const SubscribeRequest> requests) {
    Operation operation{wire_ ? wire_->id() : SessionId(), token, {}, {}};
    if (keeper_.journal().stores()) operation.requests.assign(requests.begin(), requests.end());
    return begin(std::move(operation));
}

Token DurableSession::begin(Token token, std::span<const TopicFilter> filters) {
    Operation operation{wire_ ? wire_->id() : SessionId(), token, {}, {}};
    if (keeper_.journal().stores()) operation.filters.assign(filters.begin(), filters.end());
    return begin(std::move(operation));
}

Token DurableSession::begin(Operation operation) {
    operations_.push_back(std::move(operation));
    return {1};
}

void DurableSession::settled(Token, const Receipt& receipt) noexcept {
    const Operation operation = operations_.pop_front();
    for (std::size_t i = 0; i < operation.requests.size(); ++i)
        if (receipt.each[i] == Errc::ok) keeper_.subscribed(*this, operation.requests[i]);
    for (std::size_t i = 0; i < operation.filters.size(); ++i)
        if (receipt.each[i] == Errc::ok) keeper_.unsubscribed(*this, operation.filters[i]);
    keeper_.settle_when_durable(operation.wire, operation.token, receipt);
}

bool DurableSession::unreleased(std::uint16_t id) const noexcept { return std::binary_search(unreleased_.begin(), unreleased_.end(), id); }

void DurableSession::note_unreleased(std::uint16_t id) {
    unreleased_.insert(std::lower_bound(unreleased_.begin(), unreleased_.end(), id), id);
}

void DurableSession::release(std::uint16_t id) noexcept {
    const auto place = std::lower_bound(unreleased_.begin(), unreleased_.end(), id);
    if (place != unreleased_.end() && *place == id) unreleased_.erase(place);
}

}  // namespace junctor
