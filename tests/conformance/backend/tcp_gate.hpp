#pragma once

#include <cstdint>
#include <memory>

namespace junctor::test {

/// Stands between a client and a server on loopback, and cuts them off from each other when the test says so. Relays on a thread of its own.
class TcpGate {
public:
    explicit TcpGate(std::uint16_t server);
    ~TcpGate();

    std::uint16_t port() const noexcept;
    /// Ends every connection, and each that comes.
    void close();
    void open();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace junctor::test
