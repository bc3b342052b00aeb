#include <algorithm>

#include "connectors/mqtt/machine_state.hpp"

namespace junctor::mqtt {

/// Messages on their way to the client (sections 4.3, 4.4, 4.9).

SendWindow& Machine::sending() noexcept {
    if (!sending_) sending_ = std::make_unique<SendWindow>(std::min(receive_maximum_, rules_->in_flight));
    return *sending_;
}

std::uint16_t Machine::begin(Qos qos, std::uint64_t sequence) noexcept {
    const SendWindow::Wait wait = qos == Qos::at_least_once ? SendWindow::Wait::puback : SendWindow::Wait::pubrec;
    return sequence == 0 ? sending().begin(wait) : sending().begin(wait, sequence);
}

void Machine::share(std::uint16_t packet_id, HandedBack message) noexcept {
    if (!shared_) shared_ = std::make_unique<SharedMessages>();
    shared_->add(packet_id, std::move(message));
}

void Machine::release_again(std::uint64_t sequence, Actions& actions) noexcept {
    if (state_ != State::open) return;
    const std::uint16_t packet_id = sending().begin(SendWindow::Wait::pubcomp, sequence);
    if (packet_id != 0) send_ack(PacketType::pubrel, packet_id, ReasonCode::success, actions);
}

void Machine::released(std::uint64_t sequence, Actions& actions) noexcept {
    const std::uint16_t packet_id = SendWindow::identifier_of(sequence);
    const SendWindow::Message message = sending().find(packet_id);
    if (state_ != State::open || message.sequence != sequence || message.wait != SendWindow::Wait::released) return;
    sending_->now_waits(packet_id, SendWindow::Wait::pubcomp);
    send_ack(PacketType::pubrel, packet_id, ReasonCode::success, actions);
}

SentAliases::Alias Machine::alias_for(const Topic& topic) noexcept {
    // An alias is a property of three bytes: it must save more.
    constexpr std::size_t shortest_topic = 4;
    if (alias_maximum_ == 0 || topic.text().size() < shortest_topic) return {};
    if (!sent_aliases_) sent_aliases_ = std::make_unique<SentAliases>(alias_maximum_);
    return sent_aliases_->use(topic);
}

void Machine::acknowledged(const Frame& frame, Actions& actions) noexcept {
    const Decoded<Ack> ack = decode_ack(frame, version_);
    if (!ack) return fail(ack.error(), actions);
    switch (ack->type) {
        case PacketType::puback: return received_last(*ack, SendWindow::Wait::puback, actions);
        case PacketType::pubcomp: return received_last(*ack, SendWindow::Wait::pubcomp, actions);
        case PacketType::pubrec: return received_pubrec(*ack, actions);
        default: return received_pubrel(*ack, actions);
    }
}

/// PUBACK or PUBCOMP. One for an identifier that is not in use means nothing; one for a message in another phase is an error.
void Machine::received_last(const Ack& ack, SendWindow::Wait expected, Actions& actions) noexcept {
    const SendWindow::Message message = sending_ ? sending_->find(ack.packet_id) : SendWindow::Message{};
    if (message.wait == SendWindow::Wait::nothing) return;
    if (message.wait != expected) return fail(ReasonCode::protocol_error, actions);
    finish_sent(ack.packet_id, message.sequence, actions);
}

void Machine::finish_sent(std::uint16_t packet_id, std::uint64_t sequence, Actions& actions) noexcept {
    sending_->done(packet_id);
    if (shared_) shared_->done(packet_id);
    if (sequence != 0) actions.acknowledge(sequence, Progress::done);
}

void Machine::received_pubrec(const Ack& ack, Actions& actions) noexcept {
    const SendWindow::Message message = sending_ ? sending_->find(ack.packet_id) : SendWindow::Message{};
    if (message.wait == SendWindow::Wait::puback) return fail(ReasonCode::protocol_error, actions);
    const bool awaited = message.wait == SendWindow::Wait::pubrec;
    if (is_failure(ack.reason)) {
        if (awaited) finish_sent(ack.packet_id, message.sequence, actions);
        return;
    }
    if (message.wait == SendWindow::Wait::released) return;
    if (awaited && message.sequence != 0) {
        sending_->now_waits(ack.packet_id, SendWindow::Wait::released);
        return actions.acknowledge(message.sequence, Progress::received);
    }
    if (awaited) sending_->now_waits(ack.packet_id, SendWindow::Wait::pubcomp);
    send_ack(PacketType::pubrel, ack.packet_id, ReasonCode::success, actions);
}

}  // namespace junctor::mqtt
