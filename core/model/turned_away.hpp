#pragma once

#include "core/model/close_reason.hpp"
#include "core/model/errc.hpp"

namespace junctor {

/// As what a connection ends whose session `Gate::open` did not let in, by its error.
inline CloseReason turned_away_as(const ErrorCode& why) noexcept {
    if (why == Errc::denied) return CloseReason::not_authorized;
    if (why == Errc::name_kept) return CloseReason::name_kept;
    if (why == Errc::quota_exceeded) return CloseReason::quota_exceeded;
    if (why == Errc::shutting_down) return CloseReason::server_shutdown;
    return CloseReason::overloaded;
}

}  // namespace junctor
