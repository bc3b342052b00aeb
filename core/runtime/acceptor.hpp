#pragma once

#include "core/runtime/listen_socket.hpp"
#include "core/runtime/poller.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

struct Endpoint;
class StreamSet;

/// Accepts the connections of one address on one core. While the core has too many unauthenticated connections, or they come too fast, it does not listen for
/// a moment instead of spinning; clients wait in the kernel's queue. While the process has no descriptors they are turned away at once.
class Acceptor final : public Pollable, private Timer {
public:
    /// Accepts from now on, until destroyed.
    Acceptor(StreamSet& set, Endpoint& endpoint, ListenSocket socket) noexcept;
    ~Acceptor();

    void ready(std::uint32_t events) noexcept override;

private:
    bool accept_one() noexcept;
    bool turn_away_one() noexcept;
    void pause() noexcept;
    void expired(TimePoint now) noexcept override;

    StreamSet& set_;
    Endpoint& endpoint_;
    ListenSocket socket_;
};

}  // namespace junctor
