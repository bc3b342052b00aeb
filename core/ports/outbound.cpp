#include "core/ports/outbound.hpp"

#include <array>

namespace junctor {

std::string_view to_string(OutboundFailure failure) noexcept {
    static constexpr std::array<std::string_view, outbound_failure_count> names{
        "none",       "bad_request", "refused_address", "overloaded", "circuit_open", "unresolved", "unreachable",
        "untrusted",  "timed_out",   "lost",            "malformed",  "too_large",    "stopped",
    };
    return names[static_cast<std::size_t>(failure)];
}

}  // namespace junctor
