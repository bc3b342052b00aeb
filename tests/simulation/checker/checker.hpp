#pragma once

#include <string>
#include <vector>

#include "tests/simulation/history.hpp"

namespace junctor::simulation {

/// What a history breaks of the promises of DESIGN 3, one sentence each; empty: nothing. The history must be complete: everything
/// that was on its way has arrived.
std::vector<std::string> broken_promises(const History& history);

}  // namespace junctor::simulation
