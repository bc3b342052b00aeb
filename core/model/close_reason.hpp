#pragma once

#include <cstdint>
#include <string_view>

namespace junctor {

/// Why a connection or session ends. Each connector maps every value to its wire (MQTT reason, WebSocket close code, HTTP status; a table, tested).
enum class CloseReason : std::uint8_t {
    normal,             ///< the client said goodbye
    connection_lost,    ///< the transport ended without a goodbye
    malformed,          ///< bytes that are not the protocol
    protocol_error,     ///< the protocol's rules were broken
    too_large,          ///< a packet over the limit
    handshake_timeout,  ///< no valid handshake in time
    idle_timeout,       ///< keep-alive or idle limit passed
    not_authenticated,  ///< no or wrong credentials
    not_authorized,     ///< the policy said no
    taken_over,         ///< the same named session was opened elsewhere
    slow_consumer,      ///< its outbound queue is over the limit
    quota_exceeded,     ///< a count or rate limit
    overloaded,         ///< the gateway sheds load
    server_shutdown,    ///< the gateway drains
    administrative,     ///< an operator or a revocation ended it
    name_kept,          ///< it asked for the name of a durable session without wanting that session
    internal_error,     ///< our fault
};

inline constexpr std::size_t close_reason_count = static_cast<std::size_t>(CloseReason::internal_error) + 1;

/// `slow_consumer`, ...: as in logs, events and metrics labels.
std::string_view to_string(CloseReason reason) noexcept;

}  // namespace junctor
