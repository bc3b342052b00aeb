#include "connectors/mqtt/mapping.hpp"

#include <array>

#include "connectors/mqtt/codec.hpp"
#include "connectors/mqtt/property_writer.hpp"
#include "core/model/hop_path.hpp"

namespace junctor::mqtt {

namespace {

using enum ReasonCode;

/// By CloseReason.
constexpr std::array<ReasonCode, close_reason_count> disconnect_reasons{
    success,                // normal
    unspecified_error,      // connection_lost
    malformed_packet,       // malformed
    protocol_error,         // protocol_error
    packet_too_large,       // too_large
    maximum_connect_time,   // handshake_timeout
    keep_alive_timeout,     // idle_timeout
    not_authorized,         // not_authenticated
    not_authorized,         // not_authorized
    session_taken_over,     // taken_over
    quota_exceeded,         // slow_consumer
    quota_exceeded,         // quota_exceeded
    server_busy,            // overloaded
    server_shutting_down,   // server_shutdown
    administrative_action,  // administrative
    session_taken_over,     // name_kept
    unspecified_error,      // internal_error
};

constexpr std::string_view share_prefix = "$share/";

std::uint32_t seconds_left(const Envelope& envelope, TimePoint now) noexcept {
    if (envelope.expires_at() <= now) return 0;
    const auto left = std::chrono::ceil<std::chrono::seconds>(envelope.expires_at() - now).count();
    return left > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(left);
}

bool can_carry(std::string_view text) noexcept { return is_text(as_bytes(text)); }

/// Clients and bridges believe the gateway by these: no publisher speaks in its name, whatever protocol he speaks.
bool internal(std::string_view name) noexcept { return name == history_property || name == hops_property; }

void write_extras(PropertyWriter& writer, const Extras& extras) {
    if (!extras.content_type.empty() && can_carry(extras.content_type)) writer.text(PropertyId::content_type, extras.content_type);
    if (!extras.reply_to.empty()) writer.text(PropertyId::response_topic, extras.reply_to);
    if (!extras.correlation.empty()) writer.data(PropertyId::correlation_data, extras.correlation);
    for (const Header& header : extras.headers)
        if (!internal(header.name) && can_carry(header.name) && can_carry(header.value)) writer.user(header.name, header.value);
    if (!extras.trace.empty() && can_carry(extras.trace)) writer.user(trace_header, extras.trace);
}

}  // namespace

ReasonCode to_disconnect_reason(CloseReason reason) noexcept { return disconnect_reasons[static_cast<std::size_t>(reason)]; }

CloseReason to_close_reason(ReasonCode reason) noexcept {
    switch (reason) {
        case malformed_packet: return CloseReason::malformed;
        case packet_too_large: return CloseReason::too_large;
        case not_authorized:
        case banned: return CloseReason::not_authorized;
        case bad_user_name_or_password:
        case bad_authentication_method: return CloseReason::not_authenticated;
        case receive_maximum_exceeded:
        case quota_exceeded: return CloseReason::quota_exceeded;
        case server_busy:
        case connection_rate_exceeded: return CloseReason::overloaded;
        case server_unavailable:
        case server_shutting_down: return CloseReason::server_shutdown;
        case server_moved: return CloseReason::administrative;
        default: return CloseReason::protocol_error;
    }
}

std::uint8_t to_connack_code(ReasonCode reason, Version version) noexcept {
    if (version == Version::v5) return static_cast<std::uint8_t>(reason);
    switch (reason) {
        case success: return 0;
        case unsupported_protocol_version: return 1;
        case client_identifier_not_valid: return 2;
        case bad_user_name_or_password: return 4;
        case not_authorized:
        case banned: return 5;
        default: return 3;
    }
}

ReasonCode to_connack_reason(Errc code) noexcept {
    switch (code) {
        case Errc::ok: return success;
        case Errc::denied: return not_authorized;
        case Errc::quota_exceeded: return quota_exceeded;
        case Errc::overloaded: return server_busy;
        case Errc::name_kept: return client_identifier_not_valid;
        case Errc::bad_topic: return topic_name_invalid;
        case Errc::unavailable:
        case Errc::shutting_down: return server_unavailable;
        default: return unspecified_error;
    }
}

ReasonCode to_publish_reason(Errc code) noexcept {
    switch (code) {
        case Errc::ok: return success;
        case Errc::no_receivers:
        case Errc::expired: return no_matching_subscribers;
        case Errc::denied: return not_authorized;
        case Errc::bad_topic: return topic_name_invalid;
        case Errc::too_large:
        case Errc::quota_exceeded:
        case Errc::overloaded: return quota_exceeded;
        case Errc::unavailable:
        case Errc::unsupported:
        case Errc::shutting_down: return implementation_specific_error;
        default: return unspecified_error;
    }
}

ReasonCode to_subscribe_reason(Errc code, bool shared) noexcept {
    if (shared && code == Errc::unsupported) return shared_subscriptions_not_supported;
    switch (code) {
        case Errc::ok: return success;
        case Errc::bad_filter:
        case Errc::bad_topic: return topic_filter_invalid;
        case Errc::denied: return not_authorized;
        case Errc::quota_exceeded:
        case Errc::overloaded: return quota_exceeded;
        case Errc::unavailable:
        case Errc::unsupported:
        case Errc::shutting_down: return implementation_specific_error;
        default: return unspecified_error;
    }
}

ReasonCode to_unsubscribe_reason(Errc code) noexcept {
    switch (code) {
        case Errc::ok: return success;
        case Errc::bad_filter: return no_subscription_existed;
        case Errc::denied: return not_authorized;
        default: return unspecified_error;
    }
}

std::uint8_t to_suback_code(ReasonCode reason, Version version) noexcept {
    if (version != Version::v5 && is_failure(reason)) return 0x80;
    return static_cast<std::uint8_t>(reason);
}

bool is_final_for_old_clients(Errc code) noexcept {
    return code != Errc::overloaded && code != Errc::quota_exceeded && code != Errc::unavailable && code != Errc::shutting_down;
}

Errc read_properties_into(Draft& draft, const Properties& properties, std::uint32_t most_headers) {
    if (properties.empty()) return Errc::ok;
    Extras extras;
    PropertyReader reader(properties.block());
    for (Property property; reader.next(property);) {
        switch (property.id) {
            case PropertyId::payload_format_indicator: extras.is_text = property.number == 1; break;
            case PropertyId::message_expiry_interval: draft.ttl = std::chrono::seconds(property.number); break;
            case PropertyId::content_type: extras.content_type = property.text(); break;
            case PropertyId::response_topic: extras.reply_to = property.text(); break;
            case PropertyId::correlation_data: extras.correlation.assign(property.data.begin(), property.data.end()); break;
            case PropertyId::user_property:
                if (property.text() == hops_property) {
                    if (is_hop_path(as_text(property.value))) extras.hops = as_text(property.value);
                    break;
                }
                if (extras.headers.size() >= most_headers) return Errc::quota_exceeded;
                extras.headers.push_back({std::string(property.text()), std::string(as_text(property.value))});
                break;
            default: break;
        }
    }
    // The trace goes out behind the headers: anywhere else it would not keep its place among them (section 3.3.2.3.7).
    if (!extras.headers.empty() && extras.headers.back().name == trace_header) {
        extras.trace = std::move(extras.headers.back().value);
        extras.headers.pop_back();
    }
    if (!extras.reply_to.empty() && !Topic::parse(draft.topic.tenant(), extras.reply_to)) return Errc::bad_topic;
    if (!extras.empty()) draft.extras = std::make_unique<Extras>(std::move(extras));
    return Errc::ok;
}

SubscribeOptions to_options(const Filter& filter, const Properties& properties, Version version) noexcept {
    SubscribeOptions options;
    options.max_qos = static_cast<Qos>(filter.qos());
    if (version != Version::v5) return options;
    options.subscription_id = properties.number(PropertyId::subscription_identifier, 0);
    options.no_local = filter.no_local();
    options.retain_as_published = filter.retain_as_published();
    options.retain_handling = static_cast<RetainHandling>(filter.retain_handling());
    return options;
}

Result<std::optional<HistoryStart>> to_history_start(const Properties& properties) noexcept {
    if (!properties.has(PropertyId::user_property)) return std::optional<HistoryStart>();
    PropertyReader reader(properties.block());
    for (Property property; reader.next(property);) {
        if (property.id != PropertyId::user_property || property.text() != history_property) continue;
        const std::string_view value = as_text(property.value);
        if (value == "first") return std::optional(HistoryStart{HistoryStart::From::first, {}});
        if (value == "now") return std::optional(HistoryStart{HistoryStart::From::now, {}});
        const std::optional<HistoryPosition> position = parse_history_position(value);
        if (!position) return Errc::bad_request;
        return std::optional(HistoryStart{HistoryStart::From::after, *position});
    }
    return std::optional<HistoryStart>();
}

std::string to_text(const HistoryOutcome& outcome) {
    const std::string how(to_string(outcome.how));
    return outcome.how == Resumption::none ? how : how + ' ' + to_string(outcome.after);
}

bool is_shared(std::string_view filter) noexcept { return filter.starts_with(share_prefix); }

bool is_well_formed_shared(std::string_view filter) noexcept {
    const std::string_view rest = filter.substr(share_prefix.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size()) return false;
    return rest.substr(0, slash).find_first_of("+#") == std::string_view::npos;
}

ByteBuffer to_properties(const Envelope& envelope, TimePoint now, bool with_position) {
    ByteBuffer block;
    PropertyWriter writer(block);
    const Extras* extras = envelope.extras();
    if (extras && extras->is_text) writer.number(PropertyId::payload_format_indicator, 1);
    if (envelope.expires()) writer.number(PropertyId::message_expiry_interval, seconds_left(envelope, now));
    if (extras) write_extras(writer, *extras);
    if (with_position && envelope.history().offset != 0) writer.user(history_property, to_string(envelope.history()));
    return block;
}

}  // namespace junctor::mqtt
