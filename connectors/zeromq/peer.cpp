#include "connectors/zeromq/peer.hpp"

#include <utility>

#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"
#include "core/runtime/core.hpp"

namespace junctor::zeromq {
Peer::Peer(Core& core, PeerLink& link) noexcept
    : core_(core), link_(link), machine_(core.limits()), last_received_(core.now()) {}

Peer::~Peer() { end(CloseReason::connection_lost); }

void Peer::begin(Credentials credentials) {
    auto conversation = core_.gate().authenticate(std::move(credentials), [this](AuthenticationStep step) { authenticated(std::move(step)); });
    if (state_ == State::authenticating) authentication_ = std::move(conversation);
}

// A ZeroMQ socket has no conversation to answer a challenge with.
void Peer::authenticated(AuthenticationStep step) noexcept {
    if (state_ != State::authenticating) return;
    if (step.outcome != AuthenticationStep::Outcome::allow) return refuse(CloseReason::not_authenticated, step.reason);
    machine_.set_tenant(step.principal->tenant);
    set_principal(std::move(step.principal));
    if (const Result<Opened> opened = core_.gate().open(*this, {}); !opened) return refuse(CloseReason::not_authorized, opened.error().message());
    state_ = State::open;
    for (const std::vector<ByteBuffer>& message : std::exchange(early_, {})) {
        const std::vector<Bytes> frames(message.begin(), message.end());
        if (state_ == State::open) handle(frames);
    }
}

void Peer::refuse(CloseReason reason, std::string_view text) noexcept {
    state_ = State::over;
    write(machine_.goodbye(reason, text));
    link_.attend();
}

void Peer::received(std::span<const Bytes> frames) noexcept {
    last_received_ = core_.now();
    if (state_ == State::open) handle(frames);
    else if (state_ == State::authenticating) keep(frames);
}

void Peer::keep(std::span<const Bytes> frames) {
    std::vector<ByteBuffer> copy;
    for (const Bytes frame : frames) {
        early_bytes_ += frame.size() + sizeof(ByteBuffer);
        if (early_bytes_ > core_.limits().unauthenticated_packet) return refuse(CloseReason::too_large, "too much before authentication");
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

void Peer::perform(PublishAction& action) noexcept { core_.gate().publish(*this, std::move(action.draft), action.token); }

void Peer::perform(RequestAction& action) noexcept {
    core_.gate().request(*this, std::move(action.draft), action.timeout, action.token);
}

void Peer::perform(SubscribeAction& action) noexcept { core_.gate().subscribe(*this, {&action.request, 1}, action.token); }

void Peer::perform(UnsubscribeAction& action) noexcept { core_.gate().unsubscribe(*this, {&action.filter, 1}, action.token); }

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
    if (!blocked() && write(machine_.message(delivery.envelope, delivery.qos, delivery.retain, members_in(delivery.encoded))))
        return DeliverResult::queued;
    if (left_) return DeliverResult::refused;
    const DeliverResult result = outbox_.push(delivery, core_.limits().outbound_queue, core_.metrics());
    if (result == DeliverResult::refused) close(CloseReason::slow_consumer, "too many messages wait for this peer");
    return result;
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
    if (answer_bytes_ > core_.limits().outbound_queue) close(CloseReason::slow_consumer, "too many answers wait for this peer");
}

void Peer::pump() noexcept {
    while (!answers_.empty()) {
        if (!write(answers_.front())) return;
        answer_bytes_ -= answers_.front().footprint();
        answers_.pop_front();
    }
    outbox_.pump(core_.now(), core_.metrics(), [this](const Outbox::Item& item) noexcept {
        return write(machine_.message(item.envelope, item.qos, item.retain, members_of(*item.envelope, core_.now())));
    });
}

void Peer::close(CloseReason reason, std::string_view text) noexcept {
    if (state_ != State::open) return;
    write(machine_.goodbye(reason, text));
    end(reason);
}

void Peer::end(CloseReason reason) noexcept {
    if (state_ == State::over) return;
    const bool was_open = state_ == State::open;
    state_ = State::over;
    authentication_.reset();
    answers_.clear();
    outbox_.clear();
    if (was_open) core_.gate().close(*this, reason);
    link_.attend();
}

bool Peer::idle_since(TimePoint time) const noexcept {
    return last_received_ <= time && !machine_.subscriber() && !machine_.waiting() && !blocked();
}

}  // namespace junctor::zeromq
