#include "tests/conformance/backend/vertx_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

extern char** environ;

namespace junctor::test {

namespace {

const std::string home = JUNCTOR_PEERS_DIR "/vertx";

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    return ends;
}

std::string first_line(int from) {
    std::string line;
    for (char c = 0; read(from, &c, 1) == 1 && c != '\n';) line += c;
    return line;
}

}  // namespace

bool VertxProcess::installed() { return std::filesystem::exists(home + "/classes/VertxPeer.class"); }

VertxProcess::VertxProcess() {
    const std::array<int, 2> input = make_pipe();
    const std::array<int, 2> output = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    std::string path = home + "/classes:" + home + "/lib/*";
    std::array<std::string, 5> words{"java", "-XX:TieredStopAtLevel=1", "-cp", path, "VertxPeer"};
    std::array<char*, 6> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
    const int failed = posix_spawnp(&process_, "java", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    const std::string line = failed == 0 ? first_line(output[0]) : std::string();
    close(output[0]);
    if (!line.starts_with("port ")) throw std::runtime_error("the Vert.x application did not start: " + line);
    port_ = static_cast<std::uint16_t>(std::stoul(line.substr(5)));
}

VertxProcess::~VertxProcess() {
    close(input_);
    waitpid(process_, nullptr, 0);
}

}  // namespace junctor::test
