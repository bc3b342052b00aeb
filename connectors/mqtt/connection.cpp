#include "connectors/mqtt/connection.hpp"

#include <array>

#include "connectors/mqtt/mapping.hpp"
#include "core/observe/metrics.hpp"
#include "core/runtime/core.hpp"

namespace junctor::mqtt {

namespace {

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
    while (machine_.reads() || machine_.awaits_answer()) {
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

void Connection::writable() noexcept { pump(); }

void Connection::timed_out() noexcept {
    if (!open_) return machine_.end(CloseReason::handshake_timeout, {}, *this);
    const Duration limit = machine_.silence_limit();
    // A client that is not read cannot be heard.
    const Duration silent = holds_reading_ ? Duration::zero() : core().now() - stream_.last_received();
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
    return {wire_family(), static_cast<std::uint16_t>(machine_.version() == Version::v5 ? Version::v5 : Version::v3_1_1)};
}

void Connection::encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept {
    encode_publish(envelope, static_cast<Version>(variant.bits), core().now(), out);
}

DeliverResult Connection::deliver(const Delivery& delivery) noexcept {
    if (outbox_.empty() && stream_.wants_more() && machine_.takes(delivery.qos)) {
        write(delivery.encoded, {0, delivery.qos, delivery.retain, delivery.subscription_ids});
        return DeliverResult::queued;
    }
    const DeliverResult result = outbox_.push(delivery, core().limits().outbound_queue, core().metrics());
    if (result == DeliverResult::refused) machine_.end(CloseReason::slow_consumer, {}, *this);
    return result;
}

void Connection::write(const Template& encoded, PublishHead head) noexcept {
    // 5.0 section 3.1.2.11.4: what is too large for the client counts as delivered.
    if (machine_.client_packet_limit() != UINT32_MAX && publish_size(encoded, head) > machine_.client_packet_limit()) {
        core().metrics().add(too_large_counter());
        return;
    }
    if (head.qos != Qos::at_most_once) head.packet_id = machine_.begin(head.qos);
    send_publish(stream_, encoded, head);
}

/// Sends what was held back, as far as the stream and the window take it.
void Connection::pump() noexcept {
    if (outbox_.empty() || !machine_.is_open()) return;
    outbox_.pump(core().now(), core().metrics(), [this](const Outbox::Item& item) noexcept {
        if (!stream_.wants_more() || !machine_.takes(item.qos)) return false;
        Template encoded;
        encode(*item.envelope, variant({}), encoded);
        write(encoded, {0, item.qos, item.retain, item.subscription_ids});
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
    outbox_.clear();
    publish_will();
    core().gate().close(*this, reason);
}

/// Whatever its delay: a session that ends with its connection cannot wait longer (5.0 section 3.1.3.2.2).
void Connection::publish_will() noexcept {
    const std::unique_ptr<StoredWill> will = machine_.take_will();
    if (!will) return;
    const Result<Topic> topic = Topic::parse(principal()->tenant, will->topic);
    if (!topic) return;
    will->draft.topic = *topic;
    will->draft.payload = will->payload;
    core().gate().publish(*this, std::move(will->draft), Token{});
}

void Connection::send(Bytes packet) noexcept { stream_.send(packet); }

void Connection::publish(Draft&& draft, Token token) noexcept { core().gate().publish(*this, std::move(draft), token); }

void Connection::subscribe(std::span<const SubscribeRequest> requests, Token token) noexcept {
    core().gate().subscribe(*this, requests, token);
}

void Connection::unsubscribe(std::span<const TopicFilter> filters, Token token) noexcept {
    core().gate().unsubscribe(*this, filters, token);
}

void Connection::hang_up(CloseReason reason) noexcept { stream_.close(reason); }

}  // namespace junctor::mqtt
