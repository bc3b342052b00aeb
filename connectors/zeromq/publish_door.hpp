#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/zeromq/codec.hpp"
#include "connectors/zeromq/door.hpp"
#include "core/ports/gate.hpp"

namespace junctor::zeromq {

/// Where PUB sockets connect: every message they send is published. All connections of a user, vouched for alike, are one session, which
/// begins with the first message and ends with the last connection. None can be answered: what is refused is counted by its reason.
///
/// What comes before it is known whether the user may connect is kept in order, as many bytes as `Limits::outbound_queue`, and goes out,
/// or nowhere, when that is known. Whose session the gate ends is cut off: its connections come back by themselves and are judged afresh.
class PublishDoor final : public Door {
public:
    explicit PublishDoor(DoorSetup setup);
    ~PublishDoor() override;

private:
    /// The session of one user.
    class Publisher;

    /// One that stands now. Its number alone does not say who speaks by it: what came by a connection that has gone may be received when another
    /// one bears its number.
    struct Connection {
        Publisher* publisher = nullptr;  ///< who speaks by it; null: nobody has yet
        std::string user;                ///< as the ZAP handler named them
        bool cut = false;                ///< nothing of it counts any more
    };

    void ended() noexcept override;
    bool follows_connections() const noexcept override { return true; }
    void connection_changed(const Socket::ConnectionEvent& event) noexcept override;
    void received() noexcept override;
    /// Publishers that are over, or without a connection, go.
    bool flush() noexcept override;

    /// Its publisher speaks by another one, or no more.
    void leave(const Connection& connection) noexcept;
    /// Of the message just received; null: nobody who may be here.
    Publisher* publisher() noexcept;
    Publisher* enter(PrincipalRef principal) noexcept;
    /// It is known whether it may connect.
    void known(Publisher& publisher) noexcept;
    void publish(Publisher& from, const Publication& publication) noexcept;
    /// The gate wants it gone.
    void lose(Publisher& publisher, CloseReason reason) noexcept;

    std::unordered_map<int, Connection> connections_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
    bool looks_ = false;  ///< some publisher may have to go
};

}  // namespace junctor::zeromq
