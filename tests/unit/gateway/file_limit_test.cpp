#include "gateway/file_limit.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <iostream>
#include <sstream>

#include "gateway/command_line.hpp"
#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using test::configuration;

const char* const small = "cores: 1\nadmin: {address: \"127.0.0.1:0\"}\nconnectors: []\n";
const char* const large =
    "cores: 2\n"
    "admin: {address: \"127.0.0.1:0\"}\n"
    "connectors:\n"
    "  - {type: mqtt, address: \"127.0.0.2:0\"}\n"
    "  - {type: websocket, address: \"127.0.0.3:0\"}\n"
    "  - {type: rest, address: \"127.0.0.3:0\"}\n"
    "  - {type: zeromq, name: one, publish: \"127.0.0.1:0\"}\n"
    "  - {type: zeromq, name: three, publish: \"127.0.0.1:0\", subscribe: \"127.0.0.1:0\", request: \"127.0.0.1:0\"}\n";

std::size_t open_now() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count - 1;
}

void limit_files(std::size_t most) {
    const rlimit limit{most, most};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

TEST(FileLimit, WhatIsNeededIsWhatAStartTakesAndALittle) {
    for (const char* text : {small, large}) {
        const Configuration wanted = configuration(text);
        const std::vector<Descriptor> descriptors = connector_descriptors();
        const std::size_t before = open_now();
        SystemClock clock;
        Application application(wanted, descriptors, clock);
        application.start();
        const std::size_t taken = open_now() - before;
        EXPECT_GE(files_needed(wanted, descriptors), taken + 8) << "room for clients";
        EXPECT_LE(files_needed(wanted, descriptors), taken + 32) << "no more than it takes";
        application.drain();
        application.stop();
    }
}

class FileLimitDeath : public testing::Test {
protected:
    // Each begins in a process of its own: other tests have threads.
    FileLimitDeath() { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }

    /// Ends the process with what the command line ends with.
    [[noreturn]] static void run(const std::vector<std::string>& arguments, std::size_t most) {
        std::istringstream in;
        limit_files(most);
        std::_Exit(static_cast<int>(run_command_line(arguments, in, std::cout, std::cerr)));
    }

    /// Starts and stops with a limit that is `spare` above what is needed.
    [[noreturn]] static void start(const char* text, std::size_t spare) {
        const Configuration wanted = configuration(text);
        const std::vector<Descriptor> descriptors = connector_descriptors();
        limit_files(open_now() + files_needed(wanted, descriptors) + spare);
        SystemClock clock;
        require_files(files_needed(wanted, descriptors));
        Application application(wanted, descriptors, clock);
        application.start();
        application.drain();
        application.stop();
        std::_Exit(0);
    }
};

TEST_F(FileLimitDeath, ALimitThatIsTooLowIsSaidInOneLine) {
    for (const std::size_t most : {8U, 12U, 20U, 24U, 40U})
        EXPECT_EXIT(run({"run"}, most), testing::ExitedWithCode(1),
                    "^junctor: at least [0-9]+ descriptors are needed, with a few for clients, and this process may open " + std::to_string(most) +
                        ": raise the limit of open files \\('ulimit -n 65536' as root, or LimitNOFILE= of the service\\)\n$")
            << most;
}

TEST_F(FileLimitDeath, WithWhatIsNeededItStarts) {
    for (const char* text : {small, large}) EXPECT_EXIT(start(text, 0), testing::ExitedWithCode(0), "") << text;
}

TEST_F(FileLimitDeath, ConnectorsWithSocketsOfTheirOwnAskForThemselves) {
    EXPECT_EXIT(
        {
            SystemClock clock;
            Application application(configuration(small), connector_descriptors(), clock);
            application.start();
            limit_files(open_now() + 10);
            try {
                application.reload(configuration(std::string(small).replace(std::string(small).find("[]"), 2,
                                                                            "[{type: zeromq, publish: \"127.0.0.1:0\", subscribe: \"127.0.0.1:0\"}]")));
            } catch (const config::ConfigError& refused) {
                std::cerr << refused.what();
                std::_Exit(3);
            }
            std::_Exit(0);
        },
        testing::ExitedWithCode(3), ":3:14: at least [0-9]+ descriptors are needed");
}

}  // namespace
}  // namespace junctor
