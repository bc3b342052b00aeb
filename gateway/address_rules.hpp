#pragma once

#include <vector>

#include "core/ports/descriptor.hpp"
#include "gateway/configuration.hpp"

namespace junctor {

class SetupProblems;

/// Addresses that cannot be bound beside each other: `0.0.0.0:1883` takes `127.0.0.1:1883` as well, and sockets of a connector's own share
/// with nobody. Who shares an address with whom otherwise is a matter of routes (`ServicePlan`). Port 0 is free by itself.
void check_addresses(const Configuration& configuration, const std::vector<Descriptor>& descriptors, SetupProblems& problems);

}  // namespace junctor
