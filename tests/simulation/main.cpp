// simulation --seed N [--show]: replays one run. simulation --seeds COUNT [--long-seeds COUNT] [--first N]: many, and how many where
// JUNCTOR_LONG is set; ends with 1 when one breaks a promise.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/base/hash.hpp"
#include "core/observe/log.hpp"
#include "tests/simulation/describe.hpp"
#include "tests/simulation/world.hpp"

namespace {

using namespace junctor::simulation;

struct Options {
    std::uint64_t first = 1;
    std::uint64_t count = 1;
    bool show = false;
};

bool read_number(const char* text, std::uint64_t& out) {
    char* end = nullptr;
    out = std::strtoull(text, &end, 10);
    return *text != '\0' && *end == '\0';
}

const bool is_long = std::getenv("JUNCTOR_LONG") != nullptr;

bool read_options(int argc, char** argv, Options& options) {
    for (int at = 1; at < argc; ++at) {
        const std::string name = argv[at];
        if (name == "--show") {
            options.show = true;
            continue;
        }
        const bool seed = name == "--seed" || name == "--first";
        const bool count = name == "--seeds" || name == "--long-seeds";
        if ((!seed && !count) || ++at == argc) return false;
        std::uint64_t unused = 0;
        std::uint64_t& wanted = seed ? options.first : name == "--seeds" || is_long ? options.count : unused;
        if (!read_number(argv[at], wanted)) return false;
    }
    return argc > 1;
}

/// What happened in the runs so far that the promises are the harder to keep for.
struct Counts {
    std::uint64_t joined = 0;     ///< runs with two gateways
    std::uint64_t passing = 0;    ///< of those: in which messages for a group went on to another gateway
    std::int64_t passed_on = 0;   ///< so often

    void add(const World& world) {
        joined += world.history().gateways > 1;
        passing += world.passed_on() != 0;
        passed_on += world.passed_on();
    }
};
Counts counts;

bool run_seed(std::uint64_t seed, const char* program, bool show) {
    junctor::fix_hash_keys(seed);
    World world(seed);
    const std::vector<std::string> broken = world.run();
    counts.add(world);
    if (show) std::fputs(describe(world.history()).c_str(), stdout);
    if (broken.empty()) return true;
    std::printf("seed %llu breaks %zu promises:\n", static_cast<unsigned long long>(seed), broken.size());
    for (std::size_t at = 0; at < broken.size() && at < 20; ++at) std::printf("  %s\n", broken[at].c_str());
    std::printf("replay: %s --seed %llu\n", program, static_cast<unsigned long long>(seed));
    return false;
}

// An assertion or a sanitizer must find the seed on the screen too.
std::uint64_t running = 0;
void on_abort(int) {
    std::fprintf(stderr, "the gateway aborted in seed %llu; replay: simulation --seed %llu\n", static_cast<unsigned long long>(running),
                 static_cast<unsigned long long>(running));
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (!read_options(argc, argv, options)) {
        std::fprintf(stderr, "usage: simulation --seed N [--show] | --seeds COUNT [--long-seeds COUNT] [--first N]\n");
        return 2;
    }
    std::signal(SIGABRT, on_abort);
    junctor::configure_log(junctor::LogLevel::error, junctor::LogFormat::text);
    // Wire families are numbered when they are first used and then decide an order: the same world goes first, always.
    World(0).run();
    std::uint64_t failed = 0;
    for (running = options.first; running < options.first + options.count && failed < 5; ++running)
        if (!run_seed(running, argv[0], options.show)) ++failed;
    if (failed == 0) std::printf("%llu seeds, every promise kept\n", static_cast<unsigned long long>(options.count));
    std::printf("%llu with two gateways; in %llu of them a message for a group went on to another gateway's members, %lld times in all\n",
                static_cast<unsigned long long>(counts.joined), static_cast<unsigned long long>(counts.passing), static_cast<long long>(counts.passed_on));
    return failed == 0 ? 0 : 1;
}
