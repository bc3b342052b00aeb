#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "core/ports/descriptor.hpp"

namespace junctor {

/// `junctor explain`: who asks what, of the policy in a file.
struct ExplainCommand {
    std::string config;  ///< empty: the defaults
    std::string user;
    std::string tenant;
    std::vector<std::string> groups;
    std::vector<std::string> claims;  ///< `name=value`
    std::string client_id;
    std::string protocol = "explain";  ///< what policy services are told that the client speaks
    std::string verb;
    std::string topic;  ///< a topic, or a filter for `subscribe`
};

/// Prints who was asked, which rules were tried, the verdict and its reason: found by the code that enforces the policy. Services elsewhere are asked
/// too; one that does not answer in the time that its entry gives it counts as the entry says. Throws config::ConfigError, SetupError.
void explain(const ExplainCommand& command, const std::vector<Descriptor>& descriptors, std::ostream& out);

}  // namespace junctor
