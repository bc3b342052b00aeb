#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"

namespace junctor {

/// A plain or TLS connection for command-line clients: blocking, one thread, every wait bounded.
/// Errors are `ClientError`s whose sentence names the address.
class BlockingStream {
public:
    struct Options {
        std::string host;
        std::string port;
        bool tls = false;
        std::string ca_file;
        bool insecure = false;
        Duration timeout = std::chrono::seconds(10);
        std::string cert_file;  ///< the client's own certificate chain, leaf first; empty: none
        std::string key_file;
    };

    virtual ~BlockingStream() = default;
    virtual void send(Bytes bytes) = 0;
    /// At least one byte, or 0 after `wait` without any. Throws when the peer has closed.
    virtual std::size_t receive(std::span<std::uint8_t> into, Duration wait) = 0;
};

std::unique_ptr<BlockingStream> connect_blocking(const BlockingStream::Options& options);

}  // namespace junctor
