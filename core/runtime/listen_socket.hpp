#pragma once

#include <utility>

#include "core/ports/host.hpp"

namespace junctor {

/// A descriptor that listens on an address; closes it.
class ListenSocket {
public:
    ListenSocket() = default;
    ListenSocket(ListenSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    ListenSocket& operator=(ListenSocket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~ListenSocket();

    int descriptor() const noexcept { return descriptor_; }

    /// Makes sure that nobody listens there, and answers the address with its port (0: a free one is chosen).
    /// Otherwise throws a SetupError that names the holder: with SO_REUSEPORT alone two processes would share the clients unnoticed.
    static Address claim(const Address& address);

    /// One more listener on `address`, beside those of the other cores. Throws SetupError.
    static ListenSocket open(const Address& address);

private:
    explicit ListenSocket(int descriptor) noexcept : descriptor_(descriptor) {}

    int descriptor_ = -1;
};

}  // namespace junctor
