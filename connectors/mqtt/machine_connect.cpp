#include <algorithm>

#include "connectors/mqtt/machine_state.hpp"
#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

namespace {

/// UINT32_MAX is for ever (5.0 section 3.1.2.11.2).
constexpr std::uint32_t for_ever_s = UINT32_MAX;

Duration to_duration(std::uint32_t expiry_s) noexcept {
    return expiry_s == for_ever_s ? Duration::max() : std::chrono::seconds(expiry_s);
}

std::uint32_t to_seconds(Duration expiry) noexcept {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(expiry).count();
    return seconds >= for_ever_s ? for_ever_s : static_cast<std::uint32_t>(seconds);
}

/// Refusals after which a client may try another server.
bool sends_elsewhere(ReasonCode reason) noexcept {
    using enum ReasonCode;
    return reason == server_moved || reason == server_busy || reason == connection_rate_exceeded || reason == server_unavailable;
}

}  // namespace

Duration Machine::bounded(std::uint32_t expiry_s) const noexcept { return std::min(to_duration(expiry_s), rules_->max_session_expiry); }

void Machine::connect(const Frame& frame, Actions& actions) noexcept {
    if (frame.head.type() != PacketType::connect) return finish(CloseReason::protocol_error, actions);
    const Decoded<Connect> packet = decode_connect(frame);
    if (!packet && packet.error() == ReasonCode::unsupported_protocol_version) return refused(packet.error(), {}, actions);
    // What cannot be read gets no answer: it may not be MQTT at all.
    if (!packet) return finish(to_close_reason(packet.error()), actions);

    handshake_ = std::make_unique<Handshake>();
    keep(*packet);
    ReasonCode verdict = rules_->server_moved ? ReasonCode::server_moved : check(*packet);
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
    alias_maximum_ = static_cast<std::uint16_t>(properties.number(PropertyId::topic_alias_maximum, 0));
    handshake_->wants_response_information = properties.number(PropertyId::request_response_information, 0) == 1;
    // Before 5.0 a session either ends with its connection or stays, and the client cannot say how long.
    const std::uint32_t older = connect.clean_start ? 0 : for_ever_s;
    const std::uint32_t expiry_s = version_ == Version::v5 ? properties.number(PropertyId::session_expiry_interval, 0) : older;
    handshake_->asked_expiry_s = expiry_s;
    handshake_->terms = {bounded(expiry_s), connect.clean_start};
    had_expiry_ = expiry_s != 0;
}

/// What nobody could publish is refused now.
ReasonCode Machine::keep_will(const Will& will) noexcept {
    auto stored = std::make_unique<junctor::Will>();
    stored->topic = will.topic;
    stored->payload.assign(will.payload.begin(), will.payload.end());
    stored->draft.qos = static_cast<Qos>(will.qos);
    stored->draft.retain = will.retain;
    stored->delay = std::chrono::seconds(will.properties.number(PropertyId::will_delay_interval, 0));
    if (!Topic::parse(tenant_, stored->topic)) return ReasonCode::topic_name_invalid;
    const Errc properties = read_properties_into(stored->draft, will.properties, rules_->headers);
    if (properties != Errc::ok) return to_connack_reason(properties);
    handshake_->will = std::move(stored);
    return ReasonCode::success;
}

SessionTerms Machine::terms() const noexcept { return handshake_->terms; }

std::unique_ptr<junctor::Will> Machine::take_will() noexcept { return std::move(handshake_->will); }

void Machine::opened(const Welcome& welcome, Actions& actions) noexcept {
    if (state_ != State::opening) return;
    tenant_ = welcome.tenant;
    state_ = State::open;
    keeps_session_ = handshake_->terms.durable() || welcome.found.resumed;
    for (const std::uint16_t packet_id : welcome.found.unreleased) receiving().restore_unreleased(packet_id);
    ByteBuffer properties;
    describe_session(welcome, properties);
    if (handshake_->method.empty()) handshake_.reset();
    // 3.1 has no such flag.
    const bool session_present = welcome.found.resumed && version_ != Version::v3_1;
    send_connack(ReasonCode::success, session_present, properties, actions);
}

/// What a client must know: our limits always, the rest where it differs from what it asked for (section 3.2.2.3).
void Machine::describe_session(const Welcome& welcome, ByteBuffer& properties) const noexcept {
    if (version_ != Version::v5) return;
    PropertyWriter writer(properties);
    writer.number(PropertyId::topic_alias_maximum, TopicAliases::maximum);
    writer.number(PropertyId::receive_maximum, rules_->receive_maximum);
    if (rules_->announced_packet_size != 0) writer.number(PropertyId::maximum_packet_size, rules_->announced_packet_size);
    if (handshake_->terms.expiry != to_duration(handshake_->asked_expiry_s))
        writer.number(PropertyId::session_expiry_interval, to_seconds(handshake_->terms.expiry));
    if (welcome.name_is_assigned) writer.text(PropertyId::assigned_client_identifier, welcome.name);
    if (keep_alive_s_ != handshake_->asked_keep_alive_s) writer.number(PropertyId::server_keep_alive, keep_alive_s_);
    if (handshake_->wants_response_information && !rules_->response_prefix.empty()) {
        const std::string own_topics = rules_->response_prefix + std::string(welcome.name);
        // A name that is no part of a topic would be a wildcard.
        if (Topic::parse(tenant_, own_topics)) writer.text(PropertyId::response_information, own_topics);
    }
    if (handshake_->method.empty()) return;
    writer.text(PropertyId::authentication_method, handshake_->method);
    if (!handshake_->data.empty()) writer.data(PropertyId::authentication_data, handshake_->data);
}

void Machine::refused(ReasonCode reason, std::string_view text, Actions& actions) noexcept {
    if (state_ == State::open || state_ == State::ended) return;
    const CloseReason closed_as = to_close_reason(reason);
    ByteBuffer properties;
    PropertyWriter writer(properties);
    if (sends_elsewhere(reason) && !rules_->server_reference.empty()) {
        if (reason != ReasonCode::server_moved) reason = ReasonCode::use_another_server;
        if (version_ == Version::v5) writer.text(PropertyId::server_reference, rules_->server_reference);
    }
    if (shows(text)) writer.text(PropertyId::reason_string, text);
    send_connack(reason, false, properties, actions);
    finish(closed_as, actions);
}

void Machine::send_connack(ReasonCode reason, bool session_present, Bytes properties, Actions& actions) noexcept {
    const Connack connack{session_present, to_connack_code(reason, version_), Properties(properties)};
    if (!send_packet(connack, actions)) finish(CloseReason::protocol_error, actions);
}

}  // namespace junctor::mqtt
