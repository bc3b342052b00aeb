#pragma once

#include <string>
#include <vector>

#include "core/ports/descriptor.hpp"
#include "gateway/configuration.hpp"

namespace junctor {

class SetupProblems;

/// An address at which something is to listen.
struct AddressClaim {
    Address address;
    std::string owner;  ///< for errors: `connector 'mqtt'`
    std::string where;
    bool own_socket = false;      ///< not one of the host's, which many may share
    std::size_t descriptors = 0;  ///< that an own one takes
};

/// All that could be read, in the order of the file's sections, where several share one as well.
std::vector<AddressClaim> claimed_addresses(const Configuration& configuration, const std::vector<Descriptor>& descriptors);

/// Addresses that cannot be bound beside each other: `0.0.0.0:1883` takes `127.0.0.1:1883` as well, and sockets of a connector's own share
/// with nobody. Who shares an address with whom otherwise is a matter of routes (`ServicePlan`). Port 0 is free by itself.
void check_addresses(const Configuration& configuration, const std::vector<Descriptor>& descriptors, SetupProblems& problems);

}  // namespace junctor
