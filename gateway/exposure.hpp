#pragma once

#include <string>

#include "core/ports/host.hpp"

namespace junctor {

/// The rule "loopback or a policy", for a configuration without a policy (fails closed): an address that other machines can reach
/// is a SetupError in one line that says what to add. `owner` is who would listen: `connector 'mqtt'`.
void require_loopback(const std::string& owner, const Address& address);

}  // namespace junctor
