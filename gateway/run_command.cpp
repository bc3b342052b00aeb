#include "gateway/run_command.hpp"

#include "core/base/setup_error.hpp"
#include "gateway/configuration.hpp"

namespace junctor {

void run_gateway(const std::string& config_path, const std::vector<Descriptor>& descriptors, std::ostream&) {
    load_configuration(config_path, descriptors);
    throw SetupError("the runtime is not part of this build");
}

}  // namespace junctor
