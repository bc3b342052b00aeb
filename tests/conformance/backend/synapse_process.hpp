#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/conformance/backend/peer_process.hpp"

namespace junctor::test {

/// A real homeserver (tests/peers/matrix) on a free port of loopback with users `alpha` and `beta`, ended with the object.
class SynapseProcess {
public:
    SynapseProcess();

    /// Has tests/peers/install brought it?
    static bool installed();
    std::uint16_t port() const noexcept { return port_; }
    const std::string& token(const std::string& user) const { return tokens_.at(user); }

private:
    PeerProcess process_;
    std::uint16_t port_ = 0;
    std::map<std::string, std::string> tokens_;
};

}  // namespace junctor::test
