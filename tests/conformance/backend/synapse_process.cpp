#include "tests/conformance/backend/synapse_process.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace junctor::test {

namespace {

const std::string python = JUNCTOR_PEERS_DIR "/matrix/bin/python3";

}  // namespace

bool SynapseProcess::installed() { return std::filesystem::exists(JUNCTOR_PEERS_DIR "/matrix/complete"); }

SynapseProcess::SynapseProcess() : process_({python, JUNCTOR_TESTS_DIR "/peers/matrix/homeserver.py", "alpha", "beta"}) {
    std::istringstream words(process_.line());
    std::string word;
    if (!(words >> word >> port_) || word != "port") throw std::runtime_error("Synapse did not start: " + process_.line());
    for (const char* user : {"alpha", "beta"}) words >> word >> tokens_[user];
}

}  // namespace junctor::test
