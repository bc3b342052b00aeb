#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/zeromq/door.hpp"
#include "connectors/zeromq/peer.hpp"

namespace junctor::zeromq {

/// Where DEALER and REQ sockets connect: a ROUTER whose every peer is a session of its own.
///
/// libzmq bounds what it keeps for a peer in messages; here that is bounded in bytes as well, so that the rest waits where it is counted.
class RequestDoor final : public Door {
public:
    /// Bytes of shared frames that libzmq may hold for a peer: with more it is given nothing.
    static constexpr std::size_t most_held = 4 << 20;
    /// And before they count among what may be queued. Who may have nothing more queued gets no further than that.
    static constexpr std::size_t uncounted = 512 << 10;

    explicit RequestDoor(DoorSetup setup);
    ~RequestDoor() override;

private:
    /// A peer under the name that libzmq knows it by.
    struct Seat;

    /// Ends the sessions of peers that have long been silent and would miss nothing.
    class Sweep final : public Timer {
    public:
        explicit Sweep(RequestDoor& door) noexcept : door_(door) {}
        void expired(TimePoint now) noexcept override { door_.sweep(now); }

    private:
        RequestDoor& door_;
    };

    void started() override;
    bool follows_connections() const noexcept override { return true; }
    void connection_changed(const Socket::ConnectionEvent& event) noexcept override;
    void ended() noexcept override;
    void received() noexcept override;
    bool flush() noexcept override;
    /// libzmq does not say when it holds less: while it takes what waits, it is asked often.
    Duration retry_interval() const noexcept override { return moved_ ? Duration(TimerWheel::tick) : Door::retry_interval(); }

    Seat* seat_of(std::string_view identity, std::span<const Bytes> frames) noexcept;
    void begin_anew(std::string_view identity, std::span<const Bytes> frames) noexcept;
    void turn_away(std::string_view identity, std::span<const Bytes> frames, CloseReason reason, std::string_view text) noexcept;
    void connection_closed(int connection, const std::string& identity) noexcept;
    PeerLink::Sent send_to(std::string_view identity, std::span<const SharedSlice> frames, const Socket::Held& held) noexcept;
    bool settle(Seat& seat) noexcept;
    void sweep(TimePoint now) noexcept;

    std::unordered_map<std::string, std::unique_ptr<Seat>> seats_;
    std::unordered_map<int, std::string> connections_;  ///< that stand now, and who speaks by them
    std::vector<Seat*> attention_;  ///< blocked, gone or over; each once
    Sweep sweep_{*this};
    bool moved_ = false;            ///< the last flush sent something
    bool flushing_ = false;         ///< the turn under way looks after the socket itself
};

}  // namespace junctor::zeromq
