#pragma once

#include "core/observe/metrics.hpp"

namespace junctor {

/// What routing counts.
struct RoutingMetrics {
    Counter received;         ///< messages from publishers, once each
    Counter delivered;        ///< messages taken by sessions
    Counter dropped_refused;  ///< refused by a session over its limit
    Counter dropped_expired;
    Counter dropped_looped;   ///< came back to where they had been
    Counter undeliverable;    ///< addressed to one, and nobody was there
    Counter passed_on;        ///< a group's, to another gateway: nobody here took it
    Counter unanswered;       ///< requests that timed out
    Gauge sessions;
    Gauge subscriptions;
    Gauge retained;
    Gauge pending_requests;
    Gauge backend_available;  ///< of a remote one
};

const RoutingMetrics& routing_metrics();

}  // namespace junctor
