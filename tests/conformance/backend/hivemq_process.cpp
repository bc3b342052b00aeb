#include "tests/conformance/backend/hivemq_process.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <stdexcept>
#include <string>

namespace junctor::test {

namespace {

const std::string home = JUNCTOR_PEERS_DIR "/hivemq";

}  // namespace

bool HivemqProcess::installed() { return std::filesystem::exists(home + "/classes/HivemqPeer.class"); }

HivemqProcess::HivemqProcess() {
    std::string pattern = testing::TempDir() + "/hivemqXXXXXX";
    folder_ = mkdtemp(pattern.data());
    process_.emplace(std::vector<std::string>{"java", "-XX:TieredStopAtLevel=1", "-cp", home + "/classes:" + home + "/lib/*", "HivemqPeer", folder_.string()});
    if (!process_->line().starts_with("port ")) throw std::runtime_error("HiveMQ did not start: " + process_->line());
    port_ = static_cast<std::uint16_t>(std::stoul(process_->line().substr(5)));
}

HivemqProcess::~HivemqProcess() {
    process_.reset();
    std::filesystem::remove_all(folder_);
}

}  // namespace junctor::test
