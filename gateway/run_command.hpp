#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "core/ports/descriptor.hpp"

namespace junctor {

/// `junctor run`: runs until a signal ends it. Throws SetupError or config::ConfigError when it cannot start.
void run_gateway(const std::string& config_path, const std::vector<Descriptor>& descriptors, std::ostream& out);

}  // namespace junctor
