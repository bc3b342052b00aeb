#include "connectors/zeromq/peer.hpp"

#include <utility>

#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"
#include "core/model/turned_away.hpp"
#include "core/runtime/core.hpp"

namespace junctor::zeromq {
Peer::Peer(Core& core, PeerLink& link) noexcept
    : core_(core), link_(link), home_(core, *this), machine_(core.limits()), last_received_(core.now()) {}

Peer::~Peer() { end(CloseReason::connection_lost); }

void Peer::begin(PrincipalRef principal, std::string name) {
    name_ = std::move(name);
    machine_.set_tenant(principal->tenant);
    set_principal(std::move(principal));
}

void Peer::handle_kept() noexcept {
    early_bytes_ = 0;
    for (const std::vector<ByteBuffer>& message : std::exchange(early_, {})) {
        const std::vector<Bytes> frames(message.begin(), message.end());
        take(frames);
    }
}

// The first message, when it is known who speaks.
void Peer::open_for(std::span<const Bytes> frames) noexcept {
    if (decode_command(frames).command.op == Op::session) return handle(frames);
    keep(frames);
    open({.spares_kept = true}, {});
}

void Peer::open(const SessionTerms& terms, Token naming) noexcept {
    state_ = State::opening;
    machine_.set_open();
    home_.open(terms, durable_ ? durable_->window : 0, [this, naming](const Result<Opened>& result) { opened(result, naming); });
}

void Peer::opened(const Result<Opened>& result, Token naming) noexcept {
    if (!result && result.error() == Errc::name_kept)
        return refuse(CloseReason::name_kept, result.error().message() + ": `session` opens it");
    if (!result) return refuse(turned_away_as(result.error()), result.error().message());
    state_ = State::open;
    if (durable_) {
        answer(machine_.opened(naming, result->resumed));
        home_.ready();
    }
    handle_kept();
}

void Peer::refuse(CloseReason reason, std::string_view text) noexcept {
    write(machine_.goodbye(reason, text));
    end(reason);
}

void Peer::received(std::span<const Bytes> frames) noexcept {
    last_received_ = core_.now();
    take(frames);
}

void Peer::take(std::span<const Bytes> frames) noexcept {
    switch (state_) {
        case State::open: return handle(frames);
        case State::admitted: return open_for(frames);
        case State::opening: return keep(frames);
        case State::over: return;
    }
}

void Peer::keep(std::span<const Bytes> frames) {
    const std::size_t most = core_.limits().outbound_queue;
    std::vector<ByteBuffer> copy;
    for (const Bytes frame : frames) {
        early_bytes_ += frame.size() + sizeof(ByteBuffer);
        if (early_bytes_ > most) return refuse(CloseReason::too_large, "too much before the session is open");
        copy.emplace_back(frame.begin(), frame.end());
    }
    early_.push_back(std::move(copy));
}

void Peer::handle(std::span<const Bytes> frames) noexcept {
    Action action = machine_.received(frames);
    std::visit([this](auto& what) { perform(what); }, action);
}

void Peer::perform(Outgoing& outgoing) noexcept {
    if (outgoing.answer == Answer::error) count_bad_input(core_.metrics(), outgoing.body);
    answer(std::move(outgoing));
}

void Peer::perform(PublishAction& action) noexcept { home_.publish(std::move(action.draft), action.token); }

void Peer::perform(RequestAction& action) noexcept {
    home_.request(std::move(action.draft), action.timeout, action.token);
}

void Peer::perform(SubscribeAction& action) noexcept { home_.subscribe(action.request, action.token); }

void Peer::perform(UnsubscribeAction& action) noexcept { home_.unsubscribe(action.filter, action.token); }

void Peer::perform(SessionAction& action) noexcept {
    name_ = std::move(action.name);
    durable_ = std::make_unique<Durable>();
    durable_->window = action.window;
    open(action.terms, action.token);
}

void Peer::perform(AcknowledgeAction& action) noexcept {
    if (action.answered) answer(std::move(action.answer));
    if (!durable_) return;
    Ring<std::uint64_t>& waiting = durable_->unacknowledged;
    if (waiting.empty() || action.sequence < waiting.front()) return;
    while (!waiting.empty() && waiting.front() <= action.sequence) waiting.pop_front();
    home_.acknowledge(action.sequence, Progress::done_up_to);
    if (!blocked()) home_.ready();
}

void Peer::perform(EndAction& action) noexcept {
    home_.change_expiry(Duration::zero());
    answer(std::move(action.answer));
}

void Peer::settled(Token token, const Receipt& receipt) noexcept {
    Outgoing out;
    if (machine_.settled(token, receipt, out)) answer(std::move(out));
}

void Peer::answered(Token token, const EnvelopePtr& reply) noexcept {
    Outgoing out;
    if (machine_.answered(token, reply, members_of(*reply, core_.now()), out)) answer(std::move(out));
}

WireVariant Peer::variant(const SubscribeOptions&) const noexcept { return members_variant(); }

void Peer::encode(const Envelope& envelope, WireVariant, Template& out) const noexcept { encode_members(envelope, core_.now(), out); }

DeliverResult Peer::deliver(const Delivery& delivery) noexcept {
    if (delivery.sequence != 0) return deliver_numbered(delivery);
    const OwnMembers own{.qos = delivery.qos, .retain = delivery.retain, .place = place_of(*delivery.envelope)};
    if (!blocked() && write(machine_.message(delivery.envelope, own, members_in(delivery.encoded)))) return DeliverResult::queued;
    if (left_) return DeliverResult::refused;
    const DeliverResult result = outbox_.push(delivery, core_.limits().outbound_queue, core_.metrics(), machine_.shows_places(), share());
    if (result == DeliverResult::refused) close(CloseReason::slow_consumer, "too many messages wait for this peer");
    return result;
}

void Peer::charge(Ref<QueueShare> share) noexcept {
    answer_charge_.use(share);
    link_.charge(share);
    answer_charge_.settle(answer_bytes_);
    Session::charge(std::move(share));
}

HistoryPosition Peer::place_of(const Envelope& envelope) const noexcept {
    return machine_.shows_places() ? envelope.history() : HistoryPosition();
}

bool Peer::accepts(Qos) const noexcept {
    const bool takes = state_ == State::open && !blocked() && !left_ && (!durable_ || durable_->unacknowledged.size() < durable_->window);
    turned_down_ = turned_down_ || !takes;
    return takes;
}

// Whoever does not read is bounded by the window, and by what waits before it: only one such message can find the wire full.
DeliverResult Peer::deliver_numbered(const Delivery& delivery) noexcept {
    if (delivery.repeat == Repeat::release) {
        home_.acknowledge(delivery.sequence, Progress::done);
        return DeliverResult::queued;
    }
    durable_->unacknowledged.push_back(delivery.sequence);
    const OwnMembers own{delivery.qos, delivery.retain, delivery.sequence, delivery.repeat == Repeat::maybe, place_of(*delivery.envelope)};
    answer(machine_.message(delivery.envelope, own, members_in(delivery.encoded)));
    return DeliverResult::queued;
}

bool Peer::write(const Outgoing& outgoing) noexcept {
    if (left_) return false;
    const PeerLink::Sent sent = link_.send(frames_of(outgoing).view());
    left_ = sent == PeerLink::Sent::gone;
    if (sent != PeerLink::Sent::yes) link_.attend();
    return sent == PeerLink::Sent::yes;
}

void Peer::answer(Outgoing&& outgoing) noexcept {
    if (answers_.empty() && write(outgoing)) return;
    if (left_ || state_ == State::over) return;
    answer_bytes_ += outgoing.footprint();
    answers_.push_back(std::move(outgoing));
    answer_charge_.settle(answer_bytes_);
    if (answer_bytes_ > core_.limits().outbound_queue) close(CloseReason::slow_consumer, "too many answers wait for this peer");
}

void Peer::pump() noexcept {
    while (!answers_.empty()) {
        if (!write(answers_.front())) return answer_charge_.settle(answer_bytes_);
        answer_bytes_ -= answers_.front().footprint();
        answers_.pop_front();
    }
    answer_charge_.settle(answer_bytes_);
    outbox_.pump(core_.now(), core_.metrics(), [this](const Outbox::Item& item) noexcept {
        const OwnMembers own{.qos = item.qos, .retain = item.retain, .place = place_of(*item.envelope)};
        return write(machine_.message(item.envelope, own, members_of(*item.envelope, core_.now())));
    });
    if ((durable_ || std::exchange(turned_down_, false)) && state_ == State::open && !blocked()) home_.ready();
}

void Peer::close(CloseReason reason, std::string_view text) noexcept {
    if (state_ == State::over) return;
    write(machine_.goodbye(reason, text));
    end(reason);
}

void Peer::end(CloseReason reason) noexcept {
    if (state_ == State::over) return;
    state_ = State::over;
    answers_.clear();
    answer_charge_.settle(0);
    home_.close(reason);
    outbox_.clear();
    link_.attend();
}

bool Peer::idle_since(TimePoint time) const noexcept {
    return last_received_ <= time && !machine_.subscriber() && !durable_ && !machine_.waiting() && !blocked();
}

}  // namespace junctor::zeromq
