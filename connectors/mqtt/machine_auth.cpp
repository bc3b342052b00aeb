#include "connectors/mqtt/machine_state.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

bool Machine::answered(const AuthenticationStep& step, Actions& actions) noexcept {
    using enum AuthenticationStep::Outcome;
    if (!awaits_answer()) return false;
    const bool extended = !handshake_->method.empty();
    if (step.outcome == challenge && extended) {
        if (state_ == State::open)
            handshake_->again = Handshake::Again::challenged;
        else
            state_ = State::challenged;
        send_auth(ReasonCode::continue_authentication, step.challenge, actions);
        return false;
    }
    if (extended && step.outcome == deny && step.unjudged) {
        turn_away(ReasonCode::bad_authentication_method, {}, actions);
        return false;
    }
    if (step.outcome == allow) return let_in(step, actions);
    turn_away(handshake_->has_credentials ? ReasonCode::bad_user_name_or_password : ReasonCode::not_authorized, step.reason, actions);
    return false;
}

bool Machine::let_in(const AuthenticationStep& step, Actions& actions) noexcept {
    if (state_ == State::open) {
        handshake_->again = Handshake::Again::no;
        send_auth(ReasonCode::success, step.challenge, actions);
        return true;
    }
    handshake_->data = step.challenge;
    state_ = State::opening;
    return true;
}

/// In DISCONNECT, 0x86 does not exist (section 3.14.2.1).
void Machine::turn_away(ReasonCode reason, std::string_view text, Actions& actions) noexcept {
    if (state_ != State::open) return refused(reason, text, actions);
    const bool bad_method = reason == ReasonCode::bad_authentication_method;
    send_disconnect(bad_method ? ReasonCode::protocol_error : ReasonCode::not_authorized, text, actions);
    finish(CloseReason::not_authorized, actions);
}

/// AUTH while a challenge of the handshake waits for its answer.
void Machine::continue_with(const Frame& frame, Actions& actions) noexcept {
    if (frame.head.type() != PacketType::auth) return finish(CloseReason::protocol_error, actions);
    const Decoded<Auth> packet = decode_auth(frame, version_);
    if (!packet) return refused(packet.error(), {}, actions);
    const bool same = packet->properties.text(PropertyId::authentication_method) == handshake_->method;
    if (packet->reason != ReasonCode::continue_authentication || !same) return refused(ReasonCode::protocol_error, {}, actions);
    state_ = State::asking;
    actions.continue_authentication(packet->properties.data(PropertyId::authentication_data));
}

/// AUTH of an open client (section 4.12.1): what it does meanwhile, it does as who it was.
void Machine::authenticate_again(const Frame& frame, Actions& actions) noexcept {
    // Without a method in CONNECT there is nothing to repeat.
    if (!handshake_) return fail(ReasonCode::protocol_error, actions);
    const Decoded<Auth> packet = decode_auth(frame, version_);
    if (!packet) return fail(packet.error(), actions);
    const bool begins = packet->reason == ReasonCode::reauthenticate && handshake_->again == Handshake::Again::no;
    const bool continues = packet->reason == ReasonCode::continue_authentication && handshake_->again == Handshake::Again::challenged;
    const bool same = packet->properties.text(PropertyId::authentication_method) == handshake_->method;
    if (!same || (!begins && !continues)) return fail(ReasonCode::protocol_error, actions);
    handshake_->again = Handshake::Again::asking;
    const Bytes data = packet->properties.data(PropertyId::authentication_data);
    if (continues) return actions.continue_authentication(data);
    actions.reauthenticate(handshake_->method, data);
}

void Machine::send_auth(ReasonCode reason, Bytes data, Actions& actions) noexcept {
    ByteBuffer properties;
    PropertyWriter writer(properties);
    writer.text(PropertyId::authentication_method, handshake_->method);
    if (!data.empty()) writer.data(PropertyId::authentication_data, data);
    if (!send_packet(Auth{reason, Properties(Bytes(properties))}, actions)) finish(CloseReason::protocol_error, actions);
}

}  // namespace junctor::mqtt
