#include "connectors/rest/session_poll.hpp"

#include "connectors/rest/mapping.hpp"
#include "connectors/websocket/codec.hpp"
#include "core/ports/template.hpp"

namespace junctor::rest {

SessionPoll::SessionPoll(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter, SessionAsked asked,
                         Duration wait)
    : Reader(desk, std::move(who), std::move(exchange), std::move(filter), std::move(asked)), wait_(wait), events_(asks_for_events(exchange_->request())) {}

WireVariant SessionPoll::variant(const SubscribeOptions&) const noexcept {
    static const std::uint16_t family = new_wire_family();
    return {family, 0};
}

void SessionPoll::subscribed() noexcept {
    if (count_ == 0) wake_in(wait_);
}

bool SessionPoll::accepts(Qos) const noexcept {
    return exchange_ && count_ < asked().window && messages_.size() < core().limits().outbound_queue;
}

// What comes in the same turn goes out together.
DeliverResult SessionPoll::deliver(const Delivery& delivery) noexcept {
    if (!exchange_ || finish_repeat(delivery)) return DeliverResult::queued;
    if (!accepts(delivery.qos)) return DeliverResult::dropped_oldest;
    add(delivery);
    wake_in(Duration::zero());
    return DeliverResult::queued;
}

void SessionPoll::add(const Delivery& delivery) {
    if (count_++ > 0) append(messages_, std::string_view(",\n"));
    if (delivery.sequence != 0) last_sequence_ = delivery.sequence;
    if (events_) return append_cloud_event(messages_, *delivery.envelope, core().now(), core().wall());
    append(messages_, websocket::message_head(static_cast<std::uint8_t>(delivery.qos), delivery.retain));
    if (delivery.sequence != 0) websocket::append_sequence(messages_, delivery.sequence, delivery.repeat == Repeat::maybe);
    websocket::append_message_tail(messages_, message_of(*delivery.envelope, delivery.qos, delivery.retain, core().now()));
}

void SessionPoll::tick() noexcept {
    if (count_ == 0) return give_up(HttpResponse(204, {}, {}), CloseReason::normal);
    HttpResponse answer = array_answer(events_);
    append(answer.body, messages_);
    append(answer.body, std::string_view("]\n"));
    answer.headers.push_back({"Cache-Control", "no-store"});
    if (last_sequence_ != 0) answer.headers.push_back({"Last-Event-ID", id_of(last_sequence_)});
    give_up(std::move(answer), CloseReason::normal);
}

void SessionPoll::close(CloseReason reason, std::string_view text) noexcept { give_up(problem(reason, text), reason); }

}  // namespace junctor::rest
