#pragma once

#include <string_view>

namespace junctor {

/// Tells the service manager about a change of state (sd_notify(3)): `READY=1` when every listener accepts, `STOPPING=1` when the drain
/// begins. Sends one datagram to the socket that `NOTIFY_SOCKET` names; does nothing where there is none. Any thread.
void notify_service_manager(std::string_view state) noexcept;

}  // namespace junctor
