#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "tests/conformance/backend/peer_process.hpp"

namespace junctor::test {

/// A real HiveMQ (tests/peers/hivemq) on a free port of loopback, in a folder of its own, ended with the object.
class HivemqProcess {
public:
    HivemqProcess();
    ~HivemqProcess();
    HivemqProcess(const HivemqProcess&) = delete;

    /// Has tests/peers/install brought it?
    static bool installed();
    std::uint16_t port() const noexcept { return port_; }

private:
    std::filesystem::path folder_;
    std::optional<PeerProcess> process_;
    std::uint16_t port_ = 0;
};

}  // namespace junctor::test
