#pragma once

#include <cstdint>
#include <span>

#include "core/ports/queue_share.hpp"
#include "core/ports/template.hpp"

namespace junctor::zeromq {

/// The way to one DEALER or REQ: the request door's socket, or the simulation's.
class PeerLink {
public:
    enum class Sent : std::uint8_t {
        yes,
        full,  ///< nothing was sent; `Peer::pump` when there may be room again
        gone,  ///< the peer has left
    };

    /// Sends one message, whole or not at all. Frames without an owner live only during the call.
    virtual Sent send(std::span<const SharedSlice> frames) noexcept = 0;

    /// What the link holds for the peer counts there; null: nowhere.
    virtual void charge(Ref<QueueShare>) noexcept {}

    /// The peer's session is over, or it waits for room: look at it soon, not from within this call.
    virtual void attend() noexcept = 0;

protected:
    ~PeerLink() = default;
};

}  // namespace junctor::zeromq
