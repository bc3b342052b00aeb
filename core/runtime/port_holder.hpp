#pragma once

#include <string>

#include "core/ports/host.hpp"

namespace junctor {

/// The process that listens where `address` wants to, as `mosquitto (process 1234)`; empty where that cannot be seen.
std::string port_holder(const Address& address);

}  // namespace junctor
