#pragma once

#include "tests/conformance/backend/joined_gateways.hpp"

namespace junctor::test {

/// Two gateways with a real MQTT broker between them; empty where there is none on this machine.
std::vector<BackendUnderTest> brokered_gateways();

}  // namespace junctor::test
