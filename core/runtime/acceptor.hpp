#pragma once

#include <chrono>
#include <optional>

#include "core/runtime/listen_socket.hpp"
#include "core/runtime/poller.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

struct Endpoint;
class StreamSet;

/// Accepts the connections of one address on one core. While the core has too many unauthenticated connections, or they come too fast, it does not listen for
/// a moment instead of spinning; clients wait in the kernel's queue. Where they have come too fast for so long that the queue was not empty for `patience`,
/// whoever is too many is turned away at once until fewer come: else whoever is let in has waited so long that it has given up. While the process has no
/// descriptors they are turned away at once.
class Acceptor final : public Pollable, private Timer {
public:
    static constexpr Duration patience = std::chrono::seconds(3);

    /// Accepts from now on, until destroyed.
    Acceptor(StreamSet& set, Endpoint& endpoint, ListenSocket socket) noexcept;
    ~Acceptor();

    void ready(std::uint32_t events) noexcept override;

private:
    bool accept_one() noexcept;
    bool turn_away_one() noexcept;
    bool out_of_patience() noexcept;
    void wait() noexcept;
    void pause() noexcept;
    void expired(TimePoint now) noexcept override;

    StreamSet& set_;
    Endpoint& endpoint_;
    ListenSocket socket_;
    std::optional<TimePoint> waiting_since_;  ///< they come too fast, and somebody has been in the queue since then
    bool sheds_ = false;
};

}  // namespace junctor
