#include <algorithm>

#include "connectors/mqtt/machine_state.hpp"
#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

namespace {

std::size_t count(Filters filters) noexcept {
    std::size_t count = 0;
    for (Filter filter; filters.next(filter);) ++count;
    return count;
}

/// 5.0 section 4.8.2: a shared subscription without name or filter, or with No Local, breaks the protocol.
bool breaks_protocol(const Filter& filter, Version version) noexcept {
    if (version != Version::v5 || !is_shared(filter.text)) return false;
    return filter.no_local() || !is_well_formed_shared(filter.text);
}

bool any_breaks_protocol(Filters filters, Version version) noexcept {
    for (Filter filter; filters.next(filter);)
        if (breaks_protocol(filter, version)) return true;
    return false;
}

}  // namespace

void Machine::subscribe(const Frame& frame, Actions& actions) noexcept {
    const Decoded<Subscribe> packet = decode_subscribe(frame, version_);
    if (!packet) return fail(packet.error(), actions);
    if (count(packet->filters) > rules_->filters_per_packet) return fail(ReasonCode::quota_exceeded, actions);
    if (any_breaks_protocol(packet->filters, version_)) return fail(ReasonCode::protocol_error, actions);

    Pending pending{PacketType::suback, packet->packet_id, {}};
    std::vector<SubscribeRequest> requests;
    Filters filters = packet->filters;
    for (Filter filter; filters.next(filter);) {
        if (is_shared(filter.text)) {
            pending.codes.push_back(ReasonCode::shared_subscriptions_not_supported);
            continue;
        }
        Result<TopicFilter> parsed = TopicFilter::parse(tenant_, filter.text);
        pending.codes.push_back(parsed ? static_cast<ReasonCode>(filter.qos()) : ReasonCode::topic_filter_invalid);
        if (parsed) requests.push_back({std::move(*parsed), to_options(filter, packet->properties, version_)});
    }
    if (requests.empty()) return answer_filters(pending, {}, actions);
    pending_ = std::make_unique<Pending>(std::move(pending));
    actions.subscribe(requests, token_of(PacketType::suback, packet->packet_id));
}

void Machine::unsubscribe(const Frame& frame, Actions& actions) noexcept {
    const Decoded<Unsubscribe> packet = decode_unsubscribe(frame, version_);
    if (!packet) return fail(packet.error(), actions);
    if (count(packet->filters) > rules_->filters_per_packet) return fail(ReasonCode::quota_exceeded, actions);

    Pending pending{PacketType::unsuback, packet->packet_id, {}};
    std::vector<TopicFilter> parsed_filters;
    Filters filters = packet->filters;
    for (Filter filter; filters.next(filter);) {
        Result<TopicFilter> parsed = TopicFilter::parse(tenant_, filter.text);
        pending.codes.push_back(parsed ? ReasonCode::success : ReasonCode::topic_filter_invalid);
        if (parsed) parsed_filters.push_back(std::move(*parsed));
    }
    if (parsed_filters.empty()) return answer_filters(pending, {}, actions);
    pending_ = std::make_unique<Pending>(std::move(pending));
    actions.unsubscribe(parsed_filters, token_of(PacketType::unsuback, packet->packet_id));
}

void Machine::filters_settled(PacketType type, std::uint16_t packet_id, const Receipt& receipt, Actions& actions) noexcept {
    if (!pending_ || pending_->type != type || pending_->packet_id != packet_id) return;
    Pending pending = std::move(*pending_);
    pending_.reset();

    std::size_t asked = 0;
    for (ReasonCode& code : pending.codes) {
        if (is_failure(code)) continue;
        const Errc verdict = asked < receipt.each.size() ? receipt.each[asked] : receipt.code;
        ++asked;
        if (verdict != Errc::ok) code = type == PacketType::suback ? to_subscribe_reason(verdict) : to_unsubscribe_reason(verdict);
    }
    const bool denied = std::ranges::find(pending.codes, ReasonCode::not_authorized) != pending.codes.end();
    answer_filters(pending, denied ? receipt.reason : std::string_view(), actions);
}

void Machine::answer_filters(const Pending& pending, std::string_view text, Actions& actions) noexcept {
    ByteBuffer codes;
    for (const ReasonCode code : pending.codes) codes.push_back(to_suback_code(code, version_));
    ByteBuffer properties;
    // The codes take room too: what is too large with the sentence goes without it.
    constexpr std::size_t others = 64;
    if (shows(text) && text.size() + codes.size() + others < client_packet_limit_)
        PropertyWriter(properties).text(PropertyId::reason_string, text);
    const Properties shown{Bytes(properties)};
    if (pending.type == PacketType::suback)
        send_packet(Suback{pending.packet_id, shown, codes}, actions);
    else
        send_packet(Unsuback{pending.packet_id, shown, codes}, actions);
}

}  // namespace junctor::mqtt
