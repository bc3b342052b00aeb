#pragma once

#include <string>
#include <vector>

#include "core/ports/host.hpp"

namespace junctor {

/// An address and who listens there, for messages: `connector 'mqtt'`.
struct ExposedAddress {
    std::string owner;
    Address address;
};

/// The rule "loopback or a policy" (fails closed): without a written policy an address that other machines can reach is a
/// SetupError in one line that says what to add.
void require_loopback(const std::vector<ExposedAddress>& addresses);

}  // namespace junctor
