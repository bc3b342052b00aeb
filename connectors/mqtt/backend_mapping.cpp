#include "connectors/mqtt/backend_mapping.hpp"

#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/codec.hpp"
#include "core/model/hop_path.hpp"
#include "core/model/session_text.hpp"

namespace junctor::mqtt {

namespace {

using Code = ::mqtt::property::code;

bool internal(std::string_view name) noexcept { return name == hops_property || name == origin_property; }

std::int32_t seconds_left(const Envelope& envelope, TimePoint now) noexcept {
    const auto left = std::chrono::ceil<std::chrono::seconds>(envelope.expires_at() - now).count();
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(left, 0, INT32_MAX));
}

/// Paho takes any bytes; the broker would end the connection over some.
bool can_carry(std::string_view text) noexcept { return is_text(as_bytes(text)); }

void add_user(::mqtt::properties& to, std::string_view name, std::string_view value) {
    if (can_carry(name) && can_carry(value))
        to.add({Code::USER_PROPERTY, ::mqtt::string_ref(std::string(name)), ::mqtt::string_ref(std::string(value))});
}

void add_extras(::mqtt::properties& to, const Extras& extras) {
    if (extras.is_text) to.add({Code::PAYLOAD_FORMAT_INDICATOR, 1});
    if (!extras.content_type.empty() && can_carry(extras.content_type)) to.add({Code::CONTENT_TYPE, extras.content_type});
    if (!extras.reply_to.empty()) to.add({Code::RESPONSE_TOPIC, extras.reply_to});
    if (!extras.correlation.empty()) to.add({Code::CORRELATION_DATA, std::string(as_text(extras.correlation))});
    for (const Header& header : extras.headers)
        if (!internal(header.name)) add_user(to, header.name, header.value);
    if (!extras.trace.empty()) add_user(to, trace_header, extras.trace);
}

std::string_view text_of(const MQTTLenString& text) noexcept {
    return text.data ? std::string_view(text.data, static_cast<std::size_t>(text.len)) : std::string_view();
}

void read_user(FromBroker& from, Extras& extras, std::string_view name, std::string_view value) {
    if (name == hops_property) {
        if (is_hop_path(value)) extras.hops = value;
    } else if (name == origin_property) {
        from.origin = session_of(value);
    } else {
        extras.headers.push_back({std::string(name), std::string(value)});
    }
}

void read(const MQTTProperty& property, FromBroker& from, Extras& extras) {
    const std::string_view data = text_of(property.value.data);
    switch (static_cast<int>(property.identifier)) {
        case Code::PAYLOAD_FORMAT_INDICATOR: extras.is_text = property.value.byte == 1; break;
        case Code::MESSAGE_EXPIRY_INTERVAL: from.draft.ttl = std::chrono::seconds(property.value.integer4); break;
        case Code::CONTENT_TYPE: extras.content_type = data; break;
        case Code::RESPONSE_TOPIC: extras.reply_to = data; break;
        case Code::CORRELATION_DATA: extras.correlation.assign(data.begin(), data.end()); break;
        case Code::SUBSCRIPTION_IDENTIFIER: from.subscriptions.push_back(static_cast<std::uint32_t>(property.value.integer4)); break;
        case Code::USER_PROPERTY: read_user(from, extras, data, text_of(property.value.value)); break;
        default: break;
    }
}

void read_properties(const ::mqtt::properties& properties, FromBroker& from, const std::string& gateway) {
    Extras extras;
    const MQTTProperties& all = properties.c_struct();
    for (int i = 0; i < all.count; ++i) read(all.array[i], from, extras);
    if (last_hop(extras.hops) != gateway) from.origin = {};
    if (!extras.headers.empty() && extras.headers.back().name == trace_header) {
        extras.trace = std::move(extras.headers.back().value);
        extras.headers.pop_back();
    }
    if (!extras.reply_to.empty() && !Topic::parse(from.draft.topic.tenant(), extras.reply_to)) extras.reply_to.clear();
    if (!extras.empty()) from.draft.extras = std::make_unique<Extras>(std::move(extras));
}

std::string_view hops_of(const Envelope& envelope) noexcept {
    return envelope.extras() ? std::string_view(envelope.extras()->hops) : std::string_view();
}

::mqtt::message_ptr bare_message(const Envelope& envelope, std::string topic, bool retain) {
    const Bytes payload = envelope.payload();
    return ::mqtt::message::create(std::move(topic), payload.data(), payload.size(), static_cast<int>(envelope.qos()), retain);
}

::mqtt::properties properties_of(const Envelope& envelope, std::string_view hops, TimePoint now) {
    ::mqtt::properties properties;
    if (envelope.expires()) properties.add({Code::MESSAGE_EXPIRY_INTERVAL, seconds_left(envelope, now)});
    if (envelope.extras()) add_extras(properties, *envelope.extras());
    add_user(properties, hops_property, hops);
    if (envelope.origin()) add_user(properties, origin_property, session_text(envelope.origin()));
    return properties;
}

}  // namespace

::mqtt::message_ptr to_message(const Envelope& envelope, std::string topic, TimePoint now, const BrokerIdentity& identity) {
    auto message = bare_message(envelope, std::move(topic), envelope.retain());
    if (!identity.v5) return message;
    const std::optional<std::string> hops = with_hop(hops_of(envelope), identity.gateway);
    if (!hops) return nullptr;
    message->set_properties(properties_of(envelope, *hops, now));
    return message;
}

::mqtt::message_ptr to_passed_message(const Envelope& envelope, std::string topic, TimePoint now, const BrokerIdentity& identity) {
    auto message = bare_message(envelope, std::move(topic), false);
    message->set_properties(properties_of(envelope, hops_of(envelope).empty() ? std::string_view(identity.gateway) : hops_of(envelope), now));
    return message;
}

std::optional<FromBroker> from_message(const ::mqtt::message& message, const WireTopics& topics, const BrokerIdentity& identity) {
    const std::optional<WireTopics::Place> place = topics.from_wire(message.get_topic());
    if (!place) return std::nullopt;
    const Result<Topic> topic = Topic::parse(place->tenant, place->text);
    if (!topic) return std::nullopt;
    FromBroker from;
    from.draft.topic = *topic;
    from.draft.payload = as_bytes(message.get_payload_str());
    from.draft.qos = static_cast<Qos>(std::clamp(message.get_qos(), 0, 2));
    from.draft.retain = message.is_retained();
    from.draft.passes = place->passes;
    if (identity.v5) read_properties(message.get_properties(), from, identity.gateway);
    return from;
}

Errc to_errc(int reason_code) noexcept {
    switch (static_cast<ReasonCode>(reason_code)) {
        case ReasonCode::not_authorized: return Errc::denied;
        case ReasonCode::topic_name_invalid: return Errc::bad_topic;
        case ReasonCode::topic_filter_invalid: return Errc::bad_filter;
        case ReasonCode::packet_too_large: return Errc::too_large;
        case ReasonCode::quota_exceeded: return Errc::quota_exceeded;
        case ReasonCode::retain_not_supported:
        case ReasonCode::qos_not_supported:
        case ReasonCode::shared_subscriptions_not_supported:
        case ReasonCode::wildcard_subscriptions_not_supported: return Errc::unsupported;
        default: return Errc::unavailable;
    }
}

}  // namespace junctor::mqtt
