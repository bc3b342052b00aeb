#pragma once

#include <string>

namespace junctor {

/// What the operating system knows about this process (memory, descriptors, CPU), in the Prometheus text format and
/// under its usual names. What cannot be read is left out. Any thread.
std::string process_metrics_text();

}  // namespace junctor
