#include "connectors/mqtt/connection.hpp"

#include <array>

#include "connectors/mqtt/mapping.hpp"
#include "core/observe/metrics.hpp"
#include "core/runtime/core.hpp"

namespace junctor::mqtt {

namespace {

/// The bit of a variant that shows a message's place in a history.
constexpr std::uint16_t with_position = 0x100;

std::uint16_t wire_family() noexcept {
    static const std::uint16_t family = new_wire_family();
    return family;
}

Counter closed_counter(CloseReason reason) {
    static const auto counters = [] {
        std::array<Counter, close_reason_count> table{};
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = counter("junctor_mqtt_connections_closed_total", "MQTT connections that ended, by reason",
                               {{"reason", std::string(to_string(static_cast<CloseReason>(i)))}});
        return table;
    }();
    return counters[static_cast<std::size_t>(reason)];
}

Counter too_large_counter() {
    static const Counter dropped =
        counter("junctor_messages_dropped_total", "Messages that were not delivered, by reason", {{"reason", "too_large_for_client"}});
    return dropped;
}

}  // namespace

std::size_t Connection::received(Bytes bytes) noexcept {
    std::size_t used = 0;
    while ((machine_.reads() && !held_) || machine_.awaits_answer()) {
        Frame frame;
        if (!next_frame(bytes.subspan(used), frame)) break;
        if (!machine_.awaits_answer()) machine_.received(frame, *this);
        // The packet that asked the gate stays unconsumed until the answer is there.
        if (machine_.awaits_answer() && !take_answer()) break;
        used += frame.head.packet_size();
    }
    if (machine_.is_open() && !machine_.reads()) hold_reading();
    pump();
    return used;
}

/// Cuts the next packet off. False when it is not all there, or breaks a limit: then the machine has ended the connection.
bool Connection::next_frame(Bytes bytes, Frame& frame) noexcept {
    const HeadState state = read_head(bytes, frame.head);
    if (state == HeadState::incomplete) return false;
    if (state == HeadState::malformed) {
        machine_.refuse(ReasonCode::malformed_packet, *this);
        return false;
    }
    if (frame.head.packet_size() > receive_limit()) {
        machine_.refuse(ReasonCode::packet_too_large, *this);
        return false;
    }
    if (frame.head.packet_size() > bytes.size()) return false;
    frame.body = bytes.subspan(frame.head.size, frame.head.remaining);
    return true;
}

std::size_t Connection::receive_limit() const noexcept {
    const Limits& limits = core().limits();
    return machine_.is_open() ? limits.packet : limits.unauthenticated_packet;
}

/// Until what the gate is busy with is done.
void Connection::hold_reading() noexcept {
    if (holds_reading_) return;
    holds_reading_ = true;
    stream_.pause_reading();
}

void Connection::hold(bool waits) noexcept {
    held_ = waits;
    waits ? stream_.pause_reading() : stream_.resume_reading();
}

void Connection::charge(Ref<QueueShare> share) noexcept {
    stream_.charge(share);
    Session::charge(std::move(share));
}

void Connection::writable() noexcept { pump(); }

void Connection::timed_out() noexcept {
    if (!open_) return machine_.end(CloseReason::handshake_timeout, {}, *this);
    const Duration limit = machine_.silence_limit();
    // A client that is not read cannot be heard.
    const Duration silent = holds_reading_ || held_ ? Duration::zero() : core().now() - stream_.last_received();
    if (silent >= limit)
        machine_.end(CloseReason::idle_timeout, {}, *this);
    else
        stream_.set_deadline(limit - silent);
}

void Connection::drain() noexcept { machine_.end(CloseReason::server_shutdown, {}, *this); }

void Connection::closed(CloseReason reason) noexcept {
    core().metrics().add(closed_counter(reason));
    conversation_.reset();
    leave(reason);
}

WireVariant Connection::variant(const SubscribeOptions&) const noexcept {
    const auto version = static_cast<std::uint16_t>(machine_.version() == Version::v5 ? Version::v5 : Version::v3_1_1);
    return {wire_family(), static_cast<std::uint16_t>(machine_.shows_positions() ? version | with_position : version)};
}

void Connection::encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept {
    encode_publish(envelope, static_cast<Version>(variant.bits & ~with_position), core().now(), out, (variant.bits & with_position) != 0);
}

DeliverResult Connection::deliver(const Delivery& delivery) noexcept {
    if (delivery.repeat == Repeat::release) {
        machine_.release_again(delivery.sequence, *this);
        return DeliverResult::queued;
    }
    // What has a sequence comes only when it was accepted; the gate keeps the rest.
    if (delivery.sequence != 0 || (outbox_.empty() && stream_.wants_more() && machine_.takes(delivery.qos))) {
        write(delivery);
        return DeliverResult::queued;
    }
    const DeliverResult result = outbox_.push(delivery, core().limits().outbound_queue, core().metrics(), machine_.shows_positions(), share());
    if (result == DeliverResult::refused) machine_.end(CloseReason::slow_consumer, {}, *this);
    return result;
}

bool Connection::accepts(Qos qos) const noexcept {
    const bool takes = machine_.is_open() && outbox_.empty() && stream_.wants_more() && machine_.takes(qos);
    turned_down_ = turned_down_ || !takes;
    return takes;
}

void Connection::released(std::uint64_t sequence) noexcept { machine_.released(sequence, *this); }

std::vector<HandedBack> Connection::hand_back() noexcept {
    std::vector<HandedBack> all = machine_.hand_back();
    std::vector<HandedBack> waiting = outbox_.hand_back();
    all.insert(all.end(), std::move_iterator(waiting.begin()), std::move_iterator(waiting.end()));
    return all;
}

void Connection::write(const Delivery& delivery) noexcept {
    PublishHead head{0, delivery.qos, delivery.retain, delivery.repeat == Repeat::maybe, delivery.subscription_ids,
                     machine_.alias_for(delivery.envelope->topic())};
    const std::uint32_t limit = machine_.client_packet_limit();
    if (limit != UINT32_MAX && publish_size(delivery.encoded, head) > limit) return drop_too_large(delivery, head.alias);
    if (head.qos != Qos::at_most_once) {
        head.packet_id = machine_.begin(head.qos, delivery.sequence);
        // It has left 65,535 messages unanswered; the gate keeps this one.
        if (head.packet_id == 0) return machine_.end(CloseReason::slow_consumer, {}, *this);
        // Of a durable session's messages the gate knows what became of them.
        const bool shared = delivery.group && delivery.sequence == 0 && head.qos == Qos::at_least_once;
        if (shared) machine_.share(head.packet_id, {delivery.envelope, Ref<const SharedGroup>(delivery.group)});
    }
    send_publish(stream_, delivery.encoded, head);
}

/// 5.0 section 3.1.2.11.4: it counts as delivered.
void Connection::drop_too_large(const Delivery& delivery, SentAliases::Alias alias) noexcept {
    core().metrics().add(too_large_counter());
    if (alias.number != 0 && !alias.known) machine_.forget_alias(alias.number);
    if (delivery.sequence != 0) core().gate().acknowledge(*this, delivery.sequence, Progress::done);
}

/// Sends what was held back, here and then at the gate, as far as the stream and the window take it.
void Connection::pump() noexcept {
    if (!machine_.is_open()) return;
    pump_outbox();
    if (!turned_down_ || !accepts(Qos::at_least_once)) return;
    turned_down_ = false;
    core().gate().ready(*this);
}

void Connection::pump_outbox() noexcept {
    outbox_.pump(core().now(), core().metrics(), [this](const Outbox::Item& item) noexcept {
        if (!stream_.wants_more() || !machine_.takes(item.qos)) return false;
        Template encoded;
        encode(*item.envelope, variant({}), encoded);
        write({item.envelope, encoded, item.qos, item.retain, item.subscription_ids, 0, Repeat::no, item.group});
        return true;
    });
}

void Connection::settled(Token token, const Receipt& receipt) noexcept {
    machine_.settled(token, receipt, *this);
    if (!holds_reading_ || !machine_.reads()) return;
    holds_reading_ = false;
    stream_.resume_reading();
}

/// MQTT clients ask with a publish that names a reply topic, never through Gate::request.
void Connection::answered(Token, const EnvelopePtr&) noexcept {}

void Connection::close(CloseReason reason, std::string_view text) noexcept {
    machine_.end(reason, text, *this);
    leave(reason);
}

void Connection::leave(CloseReason reason) noexcept {
    if (!open_) return;
    open_ = false;
    core().gate().close(*this, reason);
    outbox_.clear();
}

void Connection::send(Bytes packet) noexcept { stream_.send(packet); }

void Connection::publish(Draft&& draft, Token token) noexcept { core().gate().publish(*this, std::move(draft), token); }

void Connection::subscribe(std::span<const SubscribeRequest> requests, Token token) noexcept {
    core().gate().subscribe(*this, requests, token);
}

void Connection::unsubscribe(std::span<const TopicFilter> filters, Token token) noexcept {
    core().gate().unsubscribe(*this, filters, token);
}

void Connection::acknowledge(std::uint64_t sequence, Progress progress) noexcept {
    core().gate().acknowledge(*this, sequence, progress);
}

void Connection::release(std::uint16_t packet_id, Token token) noexcept { core().gate().release(*this, packet_id, token); }

void Connection::forget_will() noexcept { static_cast<void>(core().gate().set_will(*this, nullptr)); }

void Connection::change_expiry(Duration expiry) noexcept { core().gate().change_expiry(*this, expiry); }

void Connection::hang_up(CloseReason reason) noexcept { stream_.close(reason); }

}  // namespace junctor::mqtt
