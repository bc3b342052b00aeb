#include "tests/conformance/backend/vertx_process.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>

namespace junctor::test {

namespace {

const std::string home = JUNCTOR_PEERS_DIR "/vertx";

}  // namespace

bool VertxProcess::installed() { return std::filesystem::exists(home + "/classes/VertxPeer.class"); }

VertxProcess::VertxProcess() : process_({"java", "-XX:TieredStopAtLevel=1", "-cp", home + "/classes:" + home + "/lib/*", "VertxPeer"}) {
    if (!process_.line().starts_with("port ")) throw std::runtime_error("the Vert.x application did not start: " + process_.line());
    port_ = static_cast<std::uint16_t>(std::stoul(process_.line().substr(5)));
}

}  // namespace junctor::test
