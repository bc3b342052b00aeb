#include <algorithm>

#include "connectors/mqtt/machine_state.hpp"
#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"
#include "core/base/utf8.hpp"

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
    if (packet->qos == 2 && keeps_session_) draft.exactly_once_id = packet->packet_id;
    const Errc properties = read_properties_into(draft, packet->properties, rules_->headers);
    if (properties != Errc::ok) return fail(to_publish_reason(properties), actions);
    const bool claims_text = rules_->checks_text && draft.extras && draft.extras->is_text;
    if (claims_text && !valid_utf8(as_text(packet->payload))) return refuse_payload(*packet, actions);
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

ReceiveWindow& Machine::receiving() noexcept {
    if (!receiving_) receiving_ = std::make_unique<ReceiveWindow>();
    return *receiving_;
}

/// Rules on QoS 1 and 2 (sections 4.3, 4.9). False when the packet ends here: a repetition, or too many at once.
bool Machine::admits(const Publish& publish, Actions& actions) noexcept {
    if (publish.qos == 2) {
        const auto phase = receiving().phase_of(publish.packet_id);
        if (phase == ReceiveWindow::Phase::answered) send_ack(PacketType::pubrec, publish.packet_id, ReasonCode::success, actions);
        if (phase) return false;
    }
    if (version_ != Version::v5 || receiving().size() < rules_->receive_maximum) return true;
    fail(ReasonCode::receive_maximum_exceeded, actions);
    return false;
}

void Machine::hand_over(const Publish& publish, Draft&& draft, Actions& actions) noexcept {
    if (publish.qos == 0) return actions.publish(std::move(draft), Token{});
    const PacketType answer = publish.qos == 1 ? PacketType::puback : PacketType::pubrec;
    if (publish.qos == 2) receiving().add_unreleased(publish.packet_id);
    handing_over_ = true;
    actions.publish(std::move(draft), Question{answer, publish.packet_id, receiving().next_position()}.token());
    if (handing_over_) receiving_->wait(answer, publish.packet_id);
    handing_over_ = false;
}

/// 5.0 section 3.3.2.3.2: by the acknowledgement where there is one, in its turn, else by DISCONNECT.
void Machine::refuse_payload(const Publish& publish, Actions& actions) noexcept {
    if (publish.qos == 0) return fail(ReasonCode::payload_format_invalid, actions);
    const PacketType answer = publish.qos == 1 ? PacketType::puback : PacketType::pubrec;
    if (publish.qos == 2) receiving().add_unreleased(publish.packet_id);
    handing_over_ = true;
    settle_publish(Question{answer, publish.packet_id, receiving().next_position()}, ReasonCode::payload_format_invalid, {}, actions);
}

void Machine::published(const Question& question, const Receipt& receipt, Actions& actions) noexcept {
    if (version_ != Version::v5 && !is_final_for_old_clients(receipt.code)) return end(CloseReason::overloaded, {}, actions);
    const bool unmatched = receipt.code == Errc::ok && receipt.matches == 0;
    const ReasonCode reason = unmatched ? ReasonCode::no_matching_subscribers : to_publish_reason(receipt.code);
    settle_publish(question, reason, receipt.code == Errc::denied ? receipt.reason : std::string_view(), actions);
}

void Machine::settle_publish(const Question& question, ReasonCode reason, std::string_view text, Actions& actions) noexcept {
    if (handing_over_ && question.position == receiving_->next_position()) {
        handing_over_ = false;
        if (receiving_->unsettled() == 0) return answer_publish({question.answer, question.packet_id, reason}, text, actions);
        receiving_->wait(question.answer, question.packet_id);
    }
    receiving_->settle(question.position, reason);
    bool is_this = receiving_->is_first(question.position);
    while (const auto next = receiving_->next()) {
        answer_publish(*next, is_this ? text : std::string_view(), actions);
        is_this = false;
    }
}

void Machine::answer_publish(const ReceiveWindow::Answer& answer, std::string_view text, Actions& actions) noexcept {
    using Phase = ReceiveWindow::Phase;
    const bool exactly_once = answer.type == PacketType::pubrec;
    const bool refused = is_failure(answer.reason);
    const bool early = exactly_once && receiving_->phase_of(answer.packet_id) == Phase::released_early;
    if (exactly_once && refused) {
        receiving_->release(answer.packet_id);
        if (keeps_session_) actions.release(answer.packet_id, Token{});
    } else if (exactly_once) {
        receiving_->set_phase(answer.packet_id, Phase::answered);
    }
    const ReasonCode reason = exactly_once && !refused ? ReasonCode::success : answer.reason;
    if (shows(text)) {
        ByteBuffer properties;
        PropertyWriter(properties).text(PropertyId::reason_string, text);
        send_packet(Ack{answer.type, reason, answer.packet_id, Properties(Bytes(properties))}, actions);
    } else {
        send_ack(answer.type, answer.packet_id, reason, actions);
    }
    if (early && !refused) let_go(answer.packet_id, actions);
}

void Machine::received_pubrel(const Ack& ack, Actions& actions) noexcept {
    using Phase = ReceiveWindow::Phase;
    const auto phase = receiving_ ? receiving_->phase_of(ack.packet_id) : std::nullopt;
    if (!phase) return send_ack(PacketType::pubcomp, ack.packet_id, ReasonCode::success, actions);
    if (*phase == Phase::unsettled) receiving_->set_phase(ack.packet_id, Phase::released_early);
    if (*phase == Phase::answered) let_go(ack.packet_id, actions);
}

/// What the session keeps is let go of durably before the client may use the identifier again.
void Machine::let_go(std::uint16_t packet_id, Actions& actions) noexcept {
    if (keeps_session_) {
        receiving_->set_phase(packet_id, ReceiveWindow::Phase::releasing);
        return actions.release(packet_id, Question{PacketType::pubcomp, packet_id}.token());
    }
    receiving_->release(packet_id);
    send_ack(PacketType::pubcomp, packet_id, ReasonCode::success, actions);
}

void Machine::released(std::uint16_t packet_id, const Receipt& receipt, Actions& actions) noexcept {
    if (receipt.code != Errc::ok) return end(CloseReason::overloaded, {}, actions);
    receiving_->release(packet_id);
    send_ack(PacketType::pubcomp, packet_id, ReasonCode::success, actions);
}

}  // namespace junctor::mqtt
