#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/clock.hpp"

namespace junctor {

/// What goes when the queue of a durable session is full.
enum class Overflow : std::uint8_t { drop_oldest, refuse_new };

/// Every limit that the gateway applies to a peer, before it allocates for it (DESIGN 6). Sizes in bytes.
struct Limits {
    std::size_t packet = 8 << 20;
    std::size_t unauthenticated_packet = 64 << 10;
    std::uint32_t nesting = 64;
    std::uint32_t filters_per_packet = 1'000;
    std::uint32_t subscriptions_per_session = 10'000;
    std::size_t outbound_queue = 16 << 20;
    std::size_t retained = 256 << 20;  ///< all retained values together; each core holds a replica of the list, not of the bytes
    std::size_t offline_queue = 64 << 20;  ///< what waits for one durable session
    std::uint32_t offline_messages = 100'000;
    Overflow offline_overflow = Overflow::drop_oldest;
    std::size_t stored = std::size_t{8} << 30;  ///< what waits for all durable sessions, each message once
    std::size_t history = std::size_t{1} << 30;  ///< what all histories may hold, by their rules
    std::uint32_t durable_sessions = 1'000'000;
    std::size_t undecided = 64 << 20;  ///< what waits on one core for external authorizers
    std::size_t undecided_per_session = 1 << 20;  ///< of that behind the first operation of one session
    std::uint16_t in_flight = 1'000;
    std::uint32_t headers = 256;
    std::uint32_t connections = 1'000'000;
    std::uint32_t connections_per_second = 1'000'000;  ///< of the process; those above it wait to be accepted
    std::uint32_t unauthenticated_connections = 10'000;  ///< per core; those above it are not accepted until others finish
    std::uint32_t pending_requests_per_session = 1'000;
    Duration handshake_timeout = std::chrono::seconds(10);
    Duration http_header_timeout = std::chrono::seconds(10);
    Duration max_wait = std::chrono::seconds(60);  ///< longest long-poll and request timeout
    Duration drain_timeout = std::chrono::seconds(10);

    friend bool operator==(const Limits&, const Limits&) = default;
};

}  // namespace junctor
