#pragma once

#include <string>

#include "connectors/mqtt/machine.hpp"
#include "core/base/ref_counted.hpp"

namespace junctor::mqtt {

/// What all connections of one listener share; immutable.
struct Settings : RefCounted<Settings> {
    explicit Settings(std::string instance) : connector(std::move(instance)) {}

    const std::string connector;  ///< the configured name
    Machine::Rules rules;         ///< set before it is first shared
};

}  // namespace junctor::mqtt
