#pragma once

#include "connectors/matrix/backend_settings.hpp"
#include "core/ports/descriptor.hpp"

namespace junctor::matrix {

/// What the administrator of a homeserver installs so that it lets gateways with these settings have puppets, and pushes to this one what
/// happens (application service API, "Registration"): JSON, which is YAML. Two of them where both are configured: that of the puppets
/// is the same for all gateways, the other one each gateway's own.
std::vector<Registration> registrations(const BackendSettings& settings);

}  // namespace junctor::matrix
