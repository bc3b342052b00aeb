#pragma once

#include <sys/types.h>

#include <cstdint>

namespace junctor::test {

/// A real Vert.x application (tests/peers/vertx) with a TCP event bus bridge on a free port of loopback, ended with the object.
class VertxProcess {
public:
    VertxProcess();
    ~VertxProcess();
    VertxProcess(const VertxProcess&) = delete;

    /// Has tests/peers/install brought it?
    static bool installed();
    std::uint16_t port() const noexcept { return port_; }

private:
    std::uint16_t port_ = 0;
    int input_ = -1;  ///< it ends with this
    pid_t process_ = -1;
};

}  // namespace junctor::test
