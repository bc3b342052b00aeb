#include "connectors/rest/event_stream.hpp"

#include <algorithm>

#include "connectors/rest/codec_sse.hpp"
#include "connectors/rest/mapping.hpp"
#include "connectors/websocket/codec.hpp"
#include "core/ports/template.hpp"

namespace junctor::rest {

EventStream::EventStream(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter,
                         std::optional<SessionAsked> asked)
    : Reader(desk, std::move(who), std::move(exchange), std::move(filter), std::move(asked)),
      cloud_events_(asks_for_events(exchange_->request())) {}

WireVariant EventStream::variant(const SubscribeOptions&) const noexcept {
    static const std::uint16_t family = new_wire_family();
    return {family, static_cast<std::uint16_t>(cloud_events_)};
}

/// A payload that is JSON stands in an event as it was written, perhaps on many lines: a break between its tokens is as good as a space.
void EventStream::append_event(ByteBuffer& to, const Envelope& envelope) const {
    append_cloud_event(to, envelope, core().now(), core().wall());
    std::ranges::replace_if(to, [](std::uint8_t byte) { return byte == '\n' || byte == '\r'; }, std::uint8_t{' '});
}

/// All of the event behind `data: ` and the object's head. It holds no line break, so that one field is enough.
void EventStream::encode(const Envelope& envelope, WireVariant, Template& out) const noexcept {
    ByteBuffer tail;
    if (cloud_events_) append_event(tail, envelope);
    else websocket::append_message_tail(tail, message_of(envelope, {}, false, core().now()));
    append(tail, std::string_view("\n\n"));
    if (!out.append_prefix(tail)) out.set_block(Ref<const SharedBytes>(new SharedBytes(std::move(tail))));
}

void EventStream::subscribed() noexcept {
    HttpResponse head(200, "text/event-stream", "");
    head.headers.push_back({"Cache-Control", "no-store"});
    head.headers.push_back({"X-Accel-Buffering", "no"});
    exchange_->on_writable([this] { pump(); });
    exchange_->begin(std::move(head));
    begun_ = true;
    if (durable()) exchange_->write(as_bytes("retry: 100\n\n"), {});
    tell_outcome();
    wake_in(ping_interval);
    pump();
}

/// An id without data is no event, and yet what the client will come back with.
void EventStream::tell_outcome() noexcept {
    const HistoryOutcome& told = outcome();
    if (told.how == Resumption::unasked) return;
    ByteBuffer event;
    if (told.how == Resumption::none) append_sse_event(event, {"gap", "{\"reason\":\"none\"}", ""});
    if (told.how == Resumption::gap)
        append_sse_event(event, {"gap", "{\"reason\":\"gap\",\"epoch\":\"" + epoch_text(told.after.epoch) + "\",\"offset\":" +
                                            std::to_string(told.after.offset) + "}", to_string(told.after)});
    if (told.how == Resumption::exact) append(event, "id: " + to_string(told.after) + "\n\n");
    exchange_->write(event, {});
}

bool EventStream::accepts(Qos) const noexcept {
    const bool takes = begun_ && exchange_ && !too_slow_ && !full() && outbox_.empty() && exchange_->wants_more();
    turned_down_ = turned_down_ || !takes;
    return takes;
}

DeliverResult EventStream::deliver(const Delivery& delivery) noexcept {
    if (too_slow_ || !exchange_) return DeliverResult::refused;
    if (delivery.sequence != 0) return write_numbered(delivery);
    if (begun_ && outbox_.empty() && exchange_->wants_more()) {
        write(*delivery.envelope, delivery.encoded, delivery.qos, delivery.retain);
        return DeliverResult::queued;
    }
    const DeliverResult result = outbox_.push(delivery, core().limits().outbound_queue, core().metrics(), !durable(), share());
    if (result != DeliverResult::refused) return result;
    too_slow_ = true;
    wake_in(Duration::zero());  // a fan-out is under way: leave after it
    return result;
}

void EventStream::charge(Ref<QueueShare> share) noexcept {
    if (exchange_) exchange_->charge(share);
    Reader::charge(std::move(share));
}

void EventStream::write(const Envelope& envelope, const Template& encoded, Qos qos, bool retain) noexcept {
    ByteBuffer head;
    // A retained value stands where it was published, which is not how far the client has come.
    if (envelope.history().offset != 0 && !retain && !durable()) append(head, "id: " + to_string(envelope.history()) + "\n");
    append(head, std::string_view("data: "));
    if (!cloud_events_) append(head, websocket::message_head(static_cast<std::uint8_t>(qos), retain));
    append(head, encoded.prefix());
    exchange_->write(head, encoded.body());
}

DeliverResult EventStream::write_numbered(const Delivery& delivery) noexcept {
    if (finish_repeat(delivery)) return DeliverResult::queued;
    ByteBuffer head;
    append(head, "id: " + id_of(delivery.sequence) + "\ndata: ");
    if (!cloud_events_) {
        append(head, websocket::message_head(static_cast<std::uint8_t>(delivery.qos), delivery.retain));
        websocket::append_sequence(head, delivery.sequence, delivery.repeat == Repeat::maybe);
    }
    append(head, delivery.encoded.prefix());
    exchange_->write(head, delivery.encoded.body());
    ++numbered_;
    if (full()) wake_in(Duration::zero());  // a fan-out is under way: end after it
    return DeliverResult::queued;
}

void EventStream::pump() noexcept {
    outbox_.pump(core().now(), core().metrics(), [this](const Outbox::Item& item) noexcept {
        if (!exchange_ || !exchange_->wants_more()) return false;
        Template encoded;
        encode(*item.envelope, {}, encoded);
        write(*item.envelope, encoded, item.qos, item.retain);
        return true;
    });
    if ((!durable() && !turned_down_) || !exchange_ || !outbox_.empty()) return;
    turned_down_ = false;
    link().ready();
}

void EventStream::tick() noexcept {
    if (too_slow_) {
        std::exchange(exchange_, nullptr)->abort(CloseReason::slow_consumer);
        return leave(CloseReason::slow_consumer);
    }
    if (full()) {
        std::exchange(exchange_, nullptr)->finish();
        return leave(CloseReason::normal);
    }
    if (exchange_->wants_more()) exchange_->write(as_bytes(": ping\n\n"), {});
    wake_in(ping_interval);
}

void EventStream::close(CloseReason reason, std::string_view text) noexcept {
    if (const auto exchange = std::exchange(exchange_, nullptr)) {
        ByteBuffer event;
        append_sse_event(event, {"closed", std::string(text.empty() ? to_string(reason) : text), ""});
        exchange->write(event, {});
        exchange->finish();
    }
    leave(reason);
}

}  // namespace junctor::rest
