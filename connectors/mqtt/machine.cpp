#include "connectors/mqtt/machine.hpp"

#include "connectors/mqtt/machine_state.hpp"
#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

Machine::Machine(const Rules& rules) noexcept : rules_(&rules) {}

Machine::~Machine() = default;

bool Machine::awaits_answer() const noexcept {
    return state_ == State::asking || (state_ == State::open && handshake_ && handshake_->again == Handshake::Again::asking);
}

bool Machine::reads() const noexcept {
    if (state_ == State::open) return !pending_ && !awaits_answer() && (!receiving_ || receiving_->unsettled() < rules_->in_flight);
    return state_ == State::connecting || state_ == State::challenged;
}

void Machine::received(const Frame& frame, Actions& actions) noexcept {
    switch (state_) {
        case State::connecting: return connect(frame, actions);
        case State::challenged: return continue_with(frame, actions);
        case State::open: break;
        default: return;
    }
    // Section 1.5.5: a length is written as short as possible. Older versions do not say so.
    const bool padded = frame.head.size != 1 + variable_size(frame.head.remaining);
    if (padded && version_ == Version::v5) return fail(ReasonCode::malformed_packet, actions);
    dispatch(frame, actions);
}

void Machine::dispatch(const Frame& frame, Actions& actions) noexcept {
    switch (frame.head.type()) {
        case PacketType::publish: return publish(frame, actions);
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp: return acknowledged(frame, actions);
        case PacketType::subscribe: return subscribe(frame, actions);
        case PacketType::unsubscribe: return unsubscribe(frame, actions);
        case PacketType::pingreq:
        case PacketType::pingresp: return ping(frame, actions);
        case PacketType::disconnect: return disconnect(frame, actions);
        case PacketType::auth: return authenticate_again(frame, actions);
        case PacketType::suback:
        case PacketType::unsuback:
            return fail(frame.head.flags() == 0 ? ReasonCode::protocol_error : ReasonCode::malformed_packet, actions);
        // A second CONNECT, and what else only a server sends.
        default: return fail(ReasonCode::protocol_error, actions);
    }
}

void Machine::ping(const Frame& frame, Actions& actions) noexcept {
    if (!frame.body.empty()) return fail(ReasonCode::malformed_packet, actions);
    if (frame.head.type() == PacketType::pingresp) return fail(ReasonCode::protocol_error, actions);
    if (frame.head.flags() != 0 && version_ != Version::v3_1) return fail(ReasonCode::malformed_packet, actions);
    send_packet(Pingresp{}, actions);
}

void Machine::disconnect(const Frame& frame, Actions& actions) noexcept {
    const Decoded<Disconnect> packet = decode_disconnect(frame, version_);
    if (!packet) return fail(packet.error(), actions);
    const Properties& properties = packet->properties;
    if (properties.has(PropertyId::session_expiry_interval)) {
        const std::uint32_t expiry_s = properties.number(PropertyId::session_expiry_interval, 0);
        // Section 3.14.2.2.2: a session that was to end with its connection cannot be prolonged now.
        if (expiry_s != 0 && !had_expiry_) return fail(ReasonCode::protocol_error, actions);
        actions.change_expiry(bounded(expiry_s));
    }
    if (packet->reason == ReasonCode::success) actions.forget_will();
    finish(CloseReason::normal, actions);
}

void Machine::refuse(ReasonCode reason, Actions& actions) noexcept { fail(reason, actions); }

void Machine::settled(Token token, const Receipt& receipt, Actions& actions) noexcept {
    if (state_ != State::open) return;
    const Question question = Question::of(token);
    switch (question.answer) {
        case PacketType::puback:
        case PacketType::pubrec: return published(question, receipt, actions);
        case PacketType::pubcomp: return released(question.packet_id, receipt, actions);
        default: return filters_settled(question, receipt, actions);
    }
}

void Machine::end(CloseReason reason, std::string_view text, Actions& actions) noexcept {
    if (state_ == State::ended) return;
    const bool by_policy = reason == CloseReason::not_authorized || reason == CloseReason::administrative;
    send_disconnect(to_disconnect_reason(reason), by_policy ? text : std::string_view(), actions);
    finish(reason, actions);
}

/// The client broke a rule: 5.0 tells it which (section 4.13).
void Machine::fail(ReasonCode reason, Actions& actions) noexcept {
    send_disconnect(reason, {}, actions);
    finish(to_close_reason(reason), actions);
}

/// Only to an open 5.0 client (sections 3.14.0, 4.13). Who is sent away hears where to go, where somebody says.
void Machine::send_disconnect(ReasonCode reason, std::string_view text, Actions& actions) noexcept {
    if (state_ != State::open || version_ != Version::v5) return;
    ByteBuffer properties;
    PropertyWriter writer(properties);
    if (reason == ReasonCode::server_shutting_down && !rules_->server_reference.empty()) {
        reason = ReasonCode::use_another_server;
        writer.text(PropertyId::server_reference, rules_->server_reference);
    }
    if (shows(text)) writer.text(PropertyId::reason_string, text);
    send_packet(Disconnect{reason, Properties(Bytes(properties))}, actions);
}

void Machine::finish(CloseReason reason, Actions& actions) noexcept {
    if (state_ == State::ended) return;
    state_ = State::ended;
    actions.hang_up(reason);
}

/// False, and nothing sent, when the packet is larger than the client takes (5.0 section 3.1.2.11.4).
bool Machine::send_packet(const Packet& packet, Actions& actions) noexcept {
    ByteBuffer bytes;
    encode(packet, version_, bytes);
    if (bytes.size() > client_packet_limit_) return false;
    actions.send(bytes);
    return true;
}

void Machine::send_ack(PacketType type, std::uint16_t packet_id, ReasonCode reason, Actions& actions) noexcept {
    actions.send(encode_ack(type, packet_id, reason, version_).view());
}

/// Whether a sentence may be shown: 5.0, a client that wants reasons (section 3.1.2.11.7), and room for it beside `others` bytes.
bool Machine::shows(std::string_view text, std::size_t others) const noexcept {
    constexpr std::size_t room = 64;
    return version_ == Version::v5 && wants_reasons_ && !text.empty() && text.size() + others + room < client_packet_limit_ &&
           is_text(as_bytes(text));
}

}  // namespace junctor::mqtt
