#pragma once

#include <cstdint>

#include "tests/conformance/backend/peer_process.hpp"

namespace junctor::test {

/// A real Vert.x application (tests/peers/vertx) with a TCP event bus bridge on a free port of loopback, ended with the object.
class VertxProcess {
public:
    VertxProcess();

    /// Has tests/peers/install brought it?
    static bool installed();
    std::uint16_t port() const noexcept { return port_; }

private:
    PeerProcess process_;
    std::uint16_t port_ = 0;
};

}  // namespace junctor::test
