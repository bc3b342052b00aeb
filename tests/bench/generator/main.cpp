// The load generator of the benchmark: one thread, so that it can have a processor of its own. Prints one line of JSON.
#include <sys/resource.h>

#include <cstdio>
#include <exception>

#include "tests/bench/generator/flow.hpp"
#include "tests/bench/generator/idle.hpp"
#include "tests/bench/generator/options.hpp"
#include "tests/bench/generator/replay.hpp"

namespace {

void allow_many_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

bench::Report run(const bench::Options& options) {
    switch (options.pattern) {
        case bench::Pattern::idle: return bench::hold_idle_connections(options);
        case bench::Pattern::retained:
        case bench::Pattern::offline: return bench::Replay(options).run();
        default: return bench::Flow(options).run();
    }
}

}  // namespace

int main(int argc, char** argv) {
    const bench::Options options = bench::parse_options(argc, argv);
    allow_many_descriptors();
    try {
        std::puts(run(options).json().c_str());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "load_generator: %s\n", error.what());
        return 1;
    }
    return 0;
}
