#include "connectors/mqtt/machine_state.hpp"
#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

namespace {

/// A user property about a history, and the packet's head.
constexpr std::size_t longest_outcome = 128;

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

    const Result<std::optional<HistoryStart>> start =
        version_ == Version::v5 ? to_history_start(packet->properties) : Result<std::optional<HistoryStart>>(std::nullopt);
    Pending pending{PacketType::suback, packet->packet_id, {}, {}};
    std::vector<SubscribeRequest> requests;
    Filters filters = packet->filters;
    for (Filter filter; filters.next(filter);) {
        Result<TopicFilter> parsed = TopicFilter::parse(tenant_, filter.text);
        ReasonCode code = parsed ? static_cast<ReasonCode>(filter.qos()) : ReasonCode::topic_filter_invalid;
        if (!start) code = ReasonCode::unspecified_error;
        pending.filters.push_back({code, parsed && parsed->shared()});
        if (parsed && start) requests.push_back({std::move(*parsed), to_options(filter, packet->properties, version_), *start});
    }
    if (!start) return answer_filters(pending, "junctor-history must be first, now or a position as a message had it", actions);
    shows_positions_ = shows_positions_ || *start;
    if (requests.empty()) return answer_filters(pending, {}, actions);
    pending_ = std::make_unique<Pending>(std::move(pending));
    actions.subscribe(requests, Question{PacketType::suback, packet->packet_id}.token());
}

void Machine::unsubscribe(const Frame& frame, Actions& actions) noexcept {
    const Decoded<Unsubscribe> packet = decode_unsubscribe(frame, version_);
    if (!packet) return fail(packet.error(), actions);
    if (count(packet->filters) > rules_->filters_per_packet) return fail(ReasonCode::quota_exceeded, actions);

    Pending pending{PacketType::unsuback, packet->packet_id, {}, {}};
    std::vector<TopicFilter> parsed_filters;
    Filters filters = packet->filters;
    for (Filter filter; filters.next(filter);) {
        Result<TopicFilter> parsed = TopicFilter::parse(tenant_, filter.text);
        pending.filters.push_back({parsed ? ReasonCode::success : ReasonCode::topic_filter_invalid, false});
        if (parsed) parsed_filters.push_back(std::move(*parsed));
    }
    if (parsed_filters.empty()) return answer_filters(pending, {}, actions);
    pending_ = std::make_unique<Pending>(std::move(pending));
    actions.unsubscribe(parsed_filters, Question{PacketType::unsuback, packet->packet_id}.token());
}

void Machine::filters_settled(const Question& question, const Receipt& receipt, Actions& actions) noexcept {
    const PacketType type = question.answer;
    if (!pending_ || pending_->type != type || pending_->packet_id != question.packet_id) return;
    Pending pending = std::move(*pending_);
    pending_.reset();

    std::size_t asked = 0;
    bool denied = false;
    for (auto& [code, shared] : pending.filters) {
        if (is_failure(code)) continue;
        const Errc verdict = asked < receipt.each.size() ? receipt.each[asked] : receipt.code;
        if (asked < receipt.history.size() && verdict == Errc::ok) pending.history.push_back(receipt.history[asked]);
        ++asked;
        if (verdict == Errc::ok) continue;
        code = type == PacketType::suback ? to_subscribe_reason(verdict, shared) : to_unsubscribe_reason(verdict);
        denied = denied || verdict == Errc::denied;
    }
    answer_filters(pending, denied ? receipt.reason : std::string_view(), actions);
}

/// Without the sentence where it would make the packet larger than the client takes (5.0 section 3.9.2.1.2).
void Machine::answer_filters(const Pending& pending, std::string_view text, Actions& actions) noexcept {
    ByteBuffer codes;
    for (const auto& [code, shared] : pending.filters) codes.push_back(to_suback_code(code, version_));
    ByteBuffer properties;
    if (shows(text, codes.size())) PropertyWriter(properties).text(PropertyId::reason_string, text);
    // Of a filter that was refused, its code says enough. User properties never make the packet larger than the client takes.
    for (const HistoryOutcome& outcome : pending.history)
        if (properties.size() + codes.size() + longest_outcome <= client_packet_limit_)
            PropertyWriter(properties).user(history_property, to_text(outcome));
    const Properties shown{Bytes(properties)};
    if (pending.type == PacketType::suback)
        send_packet(Suback{pending.packet_id, shown, codes}, actions);
    else
        send_packet(Unsuback{pending.packet_id, shown, codes}, actions);
}

}  // namespace junctor::mqtt
