#include "core/model/close_reason.hpp"

#include <array>

namespace junctor {

std::string_view to_string(CloseReason reason) noexcept {
    static constexpr std::array<std::string_view, close_reason_count> names{
        "normal",          "connection_lost", "malformed",     "protocol_error", "too_large",       "handshake_timeout",
        "idle_timeout",    "not_authenticated", "not_authorized", "taken_over",  "slow_consumer",   "quota_exceeded",
        "overloaded",      "server_shutdown", "administrative", "name_kept",
        "internal_error",
    };
    return names[static_cast<std::size_t>(reason)];
}

}  // namespace junctor
