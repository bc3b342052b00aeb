// The load generator of the benchmark: one thread, so that it can have a processor of its own. Prints one line of JSON.
#include <sys/resource.h>

#include <cstdio>
#include <exception>

#include "tests/bench/generator/flow.hpp"
#include "tests/bench/generator/idle.hpp"
#include "tests/bench/generator/options.hpp"

namespace {

void allow_many_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    const bench::Options options = bench::parse_options(argc, argv);
    allow_many_descriptors();
    try {
        const bool idle = options.pattern == bench::Pattern::idle;
        const bench::Report report = idle ? bench::hold_idle_connections(options) : bench::Flow(options).run();
        std::puts(report.json().c_str());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "load_generator: %s\n", error.what());
        return 1;
    }
    return 0;
}
