#pragma once

#include <optional>
#include <string>

#include "core/ports/backend.hpp"
#include "core/runtime/tls_settings.hpp"

namespace junctor {

/// Where the server of a backend or bridge calls this gateway.
struct RemoteDoor {
    std::string owner;  ///< `backend`, `bridge plant`
    BackendDoor door;
    std::optional<TlsSettings> tls;
};

}  // namespace junctor
