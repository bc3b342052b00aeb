#include "tests/bench/generator/process_usage.hpp"

#include <time.h>

#include <fstream>
#include <string>

namespace bench {
namespace {

double cpu_seconds(int pid) {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Not from statm, whose counters lag behind by some pages per processor.
std::uint64_t resident_bytes(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    std::uint64_t kilobytes = 0;
    for (std::string word; file >> word;) {
        if (word == "Rss:" && file >> kilobytes) break;
    }
    return kilobytes * 1024;
}

}  // namespace

ProcessUsage process_usage(int pid) {
    if (pid == 0) return {};
    return {cpu_seconds(pid), resident_bytes(pid)};
}

}  // namespace bench
