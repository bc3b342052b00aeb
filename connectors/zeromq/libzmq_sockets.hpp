#pragma once

#include <memory>
#include <string>

#include "connectors/zeromq/socket.hpp"

namespace junctor::zeromq {

/// libzmq's own thread and sockets, one per connector instance; with the client the only code that knows libzmq.
class LibzmqSockets final : public Sockets {
public:
    LibzmqSockets();
    ~LibzmqSockets() override;
    LibzmqSockets(const LibzmqSockets&) = delete;
    LibzmqSockets& operator=(const LibzmqSockets&) = delete;

    std::unique_ptr<Socket> make(Socket::Kind kind, const SocketOptions& options) override;

private:
    struct Native;
    std::unique_ptr<Native> native_;
};

/// Of a secret CURVE key; empty when that is not 40 characters of Z85.
std::string curve_public_key(const std::string& secret_key);

}  // namespace junctor::zeromq
