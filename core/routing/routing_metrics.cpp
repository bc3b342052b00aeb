#include "core/routing/routing_metrics.hpp"

namespace junctor {
namespace {

Counter dropped(const char* reason) {
    return counter("junctor_messages_dropped_total", "Messages that were not delivered, by reason", {{"reason", reason}});
}

}  // namespace

const RoutingMetrics& routing_metrics() {
    static const RoutingMetrics metrics{
        counter("junctor_messages_received_total", "Messages accepted from publishers"),
        counter("junctor_messages_delivered_total", "Messages handed to sessions, one per receiver"),
        dropped("slow_consumer"),
        dropped("expired"),
        dropped("loop"),
        counter("junctor_messages_undeliverable_total", "Messages addressed to one receiver that nobody was there to take"),
        counter("junctor_messages_passed_on_total", "Messages for a group that nobody here took, to its members at other gateways"),
        counter("junctor_requests_unanswered_total", "Requests that nobody answered in time"),
        gauge("junctor_sessions", "Open sessions"),
        gauge("junctor_subscriptions", "Subscriptions of open sessions"),
        gauge("junctor_retained_messages", "Retained values on one core; every core holds the same"),
        gauge("junctor_requests_pending", "Requests that wait for their answer"),
        gauge("junctor_backend_available", "1 while the remote backend is there"),
    };
    return metrics;
}

}  // namespace junctor
