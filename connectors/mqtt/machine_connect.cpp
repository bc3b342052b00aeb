#include <algorithm>

#include "connectors/mqtt/machine_state.hpp"
#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

void Machine::connect(const Frame& frame, Actions& actions) noexcept {
    if (frame.head.type() != PacketType::connect) return finish(CloseReason::protocol_error, actions);
    const Decoded<Connect> packet = decode_connect(frame);
    if (!packet && packet.error() == ReasonCode::unsupported_protocol_version) return refused(packet.error(), {}, actions);
    // What cannot be read gets no answer: it may not be MQTT at all.
    if (!packet) return finish(to_close_reason(packet.error()), actions);

    handshake_ = std::make_unique<Handshake>();
    keep(*packet);
    ReasonCode verdict = check(*packet);
    if (verdict == ReasonCode::success && packet->will) verdict = keep_will(*packet->will);
    if (verdict != ReasonCode::success) return refused(verdict, {}, actions);
    state_ = State::asking;
    actions.authenticate(*packet);
}

/// Sections 3.1.3.1 of 3.1.1 and 3.1 of 3.1: who may come without a client identifier.
ReasonCode Machine::check(const Connect& connect) const noexcept {
    if (!connect.client_id.empty() || connect.version == Version::v5) return ReasonCode::success;
    const bool allowed = connect.version == Version::v3_1_1 && connect.clean_start;
    return allowed ? ReasonCode::success : ReasonCode::client_identifier_not_valid;
}

void Machine::keep(const Connect& connect) noexcept {
    version_ = connect.version;
    handshake_->asked_keep_alive_s = connect.keep_alive_s;
    handshake_->has_credentials = connect.user || connect.password;
    handshake_->method = connect.properties.text(PropertyId::authentication_method);
    const std::uint16_t most = rules_->max_keep_alive_s;
    keep_alive_s_ = connect.keep_alive_s == 0 && most != UINT16_MAX ? most : std::min(connect.keep_alive_s, most);
    const Properties& properties = connect.properties;
    receive_maximum_ = static_cast<std::uint16_t>(properties.number(PropertyId::receive_maximum, UINT16_MAX));
    client_packet_limit_ = properties.number(PropertyId::maximum_packet_size, UINT32_MAX);
    wants_reasons_ = properties.number(PropertyId::request_problem_information, 1) == 1;
    had_expiry_ = properties.number(PropertyId::session_expiry_interval, 0) != 0;
}

/// What nobody could publish is refused now.
ReasonCode Machine::keep_will(const Will& will) noexcept {
    auto stored = std::make_unique<StoredWill>();
    stored->topic = will.topic;
    stored->payload.assign(will.payload.begin(), will.payload.end());
    stored->draft.qos = static_cast<Qos>(will.qos);
    stored->draft.retain = will.retain;
    if (!Topic::parse(tenant_, stored->topic)) return ReasonCode::topic_name_invalid;
    const Errc properties = read_properties_into(stored->draft, will.properties, rules_->headers);
    if (properties != Errc::ok) return to_connack_reason(properties);
    will_ = std::move(stored);
    return ReasonCode::success;
}

bool Machine::answered(const AuthenticationStep& step, Actions& actions) noexcept {
    using enum AuthenticationStep::Outcome;
    if (state_ != State::asking) return false;
    const bool extended = !handshake_->method.empty();
    if (step.outcome == challenge && extended) {
        send_challenge(step.challenge, actions);
        return false;
    }
    // Who allows or denies without a challenge has not looked at the method (section 4.12).
    if (extended && !handshake_->challenged) {
        refused(ReasonCode::bad_authentication_method, {}, actions);
        return false;
    }
    if (step.outcome == allow) {
        handshake_->data = step.challenge;
        state_ = State::opening;
        return true;
    }
    refused(handshake_->has_credentials ? ReasonCode::bad_user_name_or_password : ReasonCode::not_authorized, step.reason, actions);
    return false;
}

void Machine::send_challenge(Bytes data, Actions& actions) noexcept {
    handshake_->challenged = true;
    state_ = State::challenged;
    ByteBuffer properties;
    PropertyWriter(properties).text(PropertyId::authentication_method, handshake_->method).data(PropertyId::authentication_data, data);
    if (!send_packet(Auth{ReasonCode::continue_authentication, Properties(Bytes(properties))}, actions))
        finish(CloseReason::protocol_error, actions);
}

/// Between a challenge and CONNACK only AUTH with the same method may come (section 4.12).
void Machine::continue_with(const Frame& frame, Actions& actions) noexcept {
    if (frame.head.type() != PacketType::auth) return finish(CloseReason::protocol_error, actions);
    const Decoded<Auth> packet = decode_auth(frame, version_);
    if (!packet) return refused(packet.error(), {}, actions);
    const bool same = packet->properties.text(PropertyId::authentication_method) == handshake_->method;
    if (packet->reason != ReasonCode::continue_authentication || !same) return refused(ReasonCode::protocol_error, {}, actions);
    state_ = State::asking;
    actions.continue_authentication(packet->properties.data(PropertyId::authentication_data));
}

void Machine::opened(TenantId tenant, std::string_view assigned_id, Actions& actions) noexcept {
    if (state_ != State::opening) return;
    tenant_ = tenant;
    state_ = State::open;
    ByteBuffer properties;
    describe_session(assigned_id, properties);
    handshake_.reset();
    send_connack(ReasonCode::success, properties, actions);
}

/// What a client must know: our limits always, the rest where it differs from what it asked for (section 3.2.2.3).
void Machine::describe_session(std::string_view assigned_id, ByteBuffer& properties) const noexcept {
    if (version_ != Version::v5) return;
    PropertyWriter writer(properties);
    writer.number(PropertyId::topic_alias_maximum, TopicAliases::maximum);
    writer.number(PropertyId::receive_maximum, rules_->receive_maximum);
    if (rules_->announced_packet_size != 0) writer.number(PropertyId::maximum_packet_size, rules_->announced_packet_size);
    if (had_expiry_) writer.number(PropertyId::session_expiry_interval, 0);
    if (!assigned_id.empty()) writer.text(PropertyId::assigned_client_identifier, assigned_id);
    if (keep_alive_s_ != handshake_->asked_keep_alive_s) writer.number(PropertyId::server_keep_alive, keep_alive_s_);
    if (handshake_->method.empty()) return;
    writer.text(PropertyId::authentication_method, handshake_->method);
    if (!handshake_->data.empty()) writer.data(PropertyId::authentication_data, handshake_->data);
}

void Machine::refused(ReasonCode reason, std::string_view text, Actions& actions) noexcept {
    if (state_ == State::open || state_ == State::ended) return;
    ByteBuffer properties;
    if (shows(text)) PropertyWriter(properties).text(PropertyId::reason_string, text);
    send_connack(reason, properties, actions);
    finish(to_close_reason(reason), actions);
}

void Machine::send_connack(ReasonCode reason, Bytes properties, Actions& actions) noexcept {
    const Connack connack{false, to_connack_code(reason, version_), Properties(properties)};
    if (!send_packet(connack, actions)) finish(CloseReason::protocol_error, actions);
}

}  // namespace junctor::mqtt
