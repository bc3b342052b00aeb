#include "connectors/rest/poll.hpp"

#include "connectors/rest/mapping.hpp"
#include "connectors/websocket/codec.hpp"

namespace junctor::rest {
namespace {

HttpResponse answer_of(const HttpRequest& request, const Delivery& delivery, bool as_array, Core& core) {
    const TimePoint now = core.now();
    if (!as_array) return one_answer(request, *delivery.envelope, delivery.retain, now, core.wall());
    const bool events = asks_for_events(request);
    HttpResponse response = array_answer(events);
    if (events) append_cloud_event(response.body, *delivery.envelope, now, core.wall());
    else websocket::append_message(response.body, message_of(*delivery.envelope, delivery.qos, delivery.retain, now));
    append(response.body, std::string_view("]\n"));
    return response;
}

}  // namespace

Poll::Poll(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter, Duration wait)
    : Reader(desk, std::move(who), std::move(exchange), std::move(filter)), wait_(wait) {}

WireVariant Poll::variant(const SubscribeOptions&) const noexcept {
    static const std::uint16_t family = new_wire_family();
    return {family, 0};
}

void Poll::subscribed() noexcept { wake_in(wait_); }

DeliverResult Poll::deliver(const Delivery& delivery) noexcept {
    if (const auto exchange = std::exchange(exchange_, nullptr)) {
        exchange->respond(answer_of(exchange->request(), delivery, filter_.has_wildcard(), core()));
        wake_in(Duration::zero());  // a fan-out is under way: leave after it
    }
    return DeliverResult::queued;
}

void Poll::tick() noexcept { give_up(HttpResponse(204, {}, {}), CloseReason::normal); }

void Poll::close(CloseReason reason, std::string_view text) noexcept { give_up(problem(reason, text), reason); }

}  // namespace junctor::rest
