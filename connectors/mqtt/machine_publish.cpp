#include <algorithm>

#include "connectors/mqtt/machine_state.hpp"
#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

void Machine::publish(const Frame& frame, Actions& actions) noexcept {
    const Decoded<Publish> packet = decode_publish(frame, version_, Sender::client);
    if (!packet) return fail(packet.error(), actions);
    const std::string_view name = topic_of(*packet);
    if (name.empty()) return fail(ReasonCode::topic_alias_invalid, actions);
    if (packet->qos > 0 && !admits(*packet, actions)) return;
    const Result<Topic> topic = Topic::parse(tenant_, name);
    // A well-formed name that the gateway does not take has too many levels.
    if (!topic) return fail(is_topic_name(as_bytes(name)) ? ReasonCode::topic_name_invalid : ReasonCode::malformed_packet, actions);

    Draft draft;
    draft.topic = *topic;
    draft.payload = packet->payload;
    draft.qos = static_cast<Qos>(packet->qos);
    draft.retain = packet->retain;
    const Errc properties = read_properties_into(draft, packet->properties, rules_->headers);
    if (properties != Errc::ok) return fail(to_publish_reason(properties), actions);
    hand_over(*packet, std::move(draft), actions);
}

/// The topic that the packet names itself or by its alias (5.0 section 3.3.2.3.4); empty for an alias that says nothing.
std::string_view Machine::topic_of(const Publish& publish) noexcept {
    if (!publish.properties.has(PropertyId::topic_alias)) return publish.topic;
    const std::uint32_t alias = publish.properties.number(PropertyId::topic_alias, 0);
    if (!TopicAliases::valid(alias)) return {};
    if (!aliases_) aliases_ = std::make_unique<TopicAliases>();
    if (!publish.topic.empty()) aliases_->set(alias, publish.topic);
    return aliases_->topic(alias);
}

/// Rules on QoS 1 and 2 (sections 4.3, 4.9). False when the packet ends here: a repetition, or too many at once.
bool Machine::admits(const Publish& publish, Actions& actions) noexcept {
    if (!receiving_) receiving_ = std::make_unique<ReceiveWindow>();
    if (publish.qos == 2 && receiving_->is_unreleased(publish.packet_id)) {
        if (!receiving_->is_unsettled(publish.packet_id)) send_ack(PacketType::pubrec, publish.packet_id, ReasonCode::success, actions);
        return false;
    }
    if (version_ != Version::v5 || receiving_->size() < rules_->receive_maximum) return true;
    fail(ReasonCode::receive_maximum_exceeded, actions);
    return false;
}

void Machine::hand_over(const Publish& publish, Draft&& draft, Actions& actions) noexcept {
    if (publish.qos == 0) return actions.publish(std::move(draft), Token{});
    const PacketType answer = publish.qos == 1 ? PacketType::puback : PacketType::pubrec;
    if (publish.qos == 2) receiving_->add_unreleased(publish.packet_id);
    current_ = publish.packet_id;
    actions.publish(std::move(draft), token_of(answer, publish.packet_id));
    if (current_ == 0) return;
    current_ = 0;
    receiving_->wait(answer, publish.packet_id);
}

void Machine::published(PacketType answer, std::uint16_t packet_id, const Receipt& receipt, Actions& actions) noexcept {
    if (version_ != Version::v5 && !is_final_for_old_clients(receipt.code)) return end(CloseReason::overloaded, {}, actions);
    const bool unmatched = receipt.code == Errc::ok && receipt.matches == 0;
    const ReasonCode reason = unmatched ? ReasonCode::no_matching_subscribers : to_publish_reason(receipt.code);
    const std::string_view text = receipt.code == Errc::denied ? receipt.reason : std::string_view();

    const bool at_once = current_ == packet_id;
    if (at_once) current_ = 0;
    if (at_once && receiving_->unsettled() == 0) return answer_publish({answer, packet_id, reason}, text, actions);
    if (at_once) receiving_->wait(answer, packet_id);
    receiving_->settle(packet_id, reason);
    while (const auto next = receiving_->next()) answer_publish(*next, next->packet_id == packet_id ? text : std::string_view(), actions);
}

void Machine::answer_publish(const ReceiveWindow::Answer& answer, std::string_view text, Actions& actions) noexcept {
    ReasonCode reason = answer.reason;
    if (answer.type == PacketType::pubrec) {
        if (is_failure(reason))
            receiving_->release(answer.packet_id);
        else
            reason = ReasonCode::success;
    }
    if (!shows(text)) return send_ack(answer.type, answer.packet_id, reason, actions);
    ByteBuffer properties;
    PropertyWriter(properties).text(PropertyId::reason_string, text);
    send_packet(Ack{answer.type, reason, answer.packet_id, Properties(Bytes(properties))}, actions);
}

std::uint16_t Machine::begin(Qos qos) noexcept {
    if (!sending_) sending_ = std::make_unique<SendWindow>(std::min(receive_maximum_, rules_->in_flight));
    return sending_->begin(static_cast<std::uint8_t>(qos));
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
    const SendWindow::Wait wait = sending_ ? sending_->wait_of(ack.packet_id) : SendWindow::Wait::nothing;
    if (wait == SendWindow::Wait::nothing) return;
    if (wait != expected) return fail(ReasonCode::protocol_error, actions);
    sending_->done(ack.packet_id);
}

void Machine::received_pubrec(const Ack& ack, Actions& actions) noexcept {
    const SendWindow::Wait wait = sending_ ? sending_->wait_of(ack.packet_id) : SendWindow::Wait::nothing;
    if (wait == SendWindow::Wait::puback) return fail(ReasonCode::protocol_error, actions);
    if (is_failure(ack.reason)) {
        if (wait == SendWindow::Wait::pubrec) sending_->done(ack.packet_id);
        return;
    }
    if (wait == SendWindow::Wait::pubrec) sending_->released(ack.packet_id);
    send_ack(PacketType::pubrel, ack.packet_id, ReasonCode::success, actions);
}

void Machine::received_pubrel(const Ack& ack, Actions& actions) noexcept {
    if (receiving_) receiving_->release(ack.packet_id);
    send_ack(PacketType::pubcomp, ack.packet_id, ReasonCode::success, actions);
}

}  // namespace junctor::mqtt
