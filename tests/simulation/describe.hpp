#pragma once

#include <string>

#include "tests/simulation/history.hpp"

namespace junctor::simulation {

/// A history as people read it: one line for everything that happened, in order.
std::string describe(const History& history);

}  // namespace junctor::simulation
