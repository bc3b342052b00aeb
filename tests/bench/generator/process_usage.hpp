#pragma once

#include <cstdint>

namespace bench {

/// What another process has used so far. Zero for pid 0 and for a process that is gone.
struct ProcessUsage {
    double cpu_seconds = 0;  ///< of all its threads, nanosecond resolution
    std::uint64_t resident_bytes = 0;
};

ProcessUsage process_usage(int pid);

}  // namespace bench
