#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"

namespace junctor {

enum class GatewayState : std::uint8_t { starting, running, draining };

/// One connector as `/v1/connectors` shows it.
struct AdminConnector {
    std::string name;
    std::string type;
    std::vector<std::string> addresses;
};

/// What the admin API tells. Every function is called on any core.
struct AdminSources {
    std::function<GatewayState()> state;
    std::function<Duration()> uptime;
    std::function<std::string()> metrics;
    std::function<std::vector<AdminConnector>()> connectors;
    std::vector<std::string> host_names;  ///< besides numeric addresses and localhost
};

}  // namespace junctor
