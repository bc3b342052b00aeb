#pragma once

#include "tests/bench/generator/options.hpp"
#include "tests/bench/generator/report.hpp"

namespace bench {

/// Opens many connections that say nothing, and reads what they cost the process.
Report hold_idle_connections(const Options& options);

}  // namespace bench
