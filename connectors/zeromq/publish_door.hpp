#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/zeromq/door.hpp"
#include "core/ports/gate.hpp"

namespace junctor::zeromq {

/// Where PUB sockets connect: every message they send is published. All connections of a user are one session, which begins with its
/// first message and ends with its last connection. None can be answered: what is refused is counted by its reason.
class PublishDoor final : public Door {
public:
    explicit PublishDoor(DoorSetup setup);
    ~PublishDoor() override;

private:
    /// The session of one user.
    class Publisher;

    void started() override;
    void ended() noexcept override;
    bool follows_connections() const noexcept override { return true; }
    void connection_changed(const Socket::ConnectionEvent& event) noexcept override;
    void received() noexcept override;

    /// Of the message just received; null: nobody who may be here.
    Publisher* publisher() noexcept;
    Publisher* open(const PrincipalRef& principal) noexcept;
    /// The gate wants it gone.
    void lose(Publisher& publisher, CloseReason reason) noexcept;
    void end_all(CloseReason reason) noexcept;

    std::unordered_map<int, Publisher*> connections_;  ///< that stand now, and who speaks by them; null: nobody has yet
    std::vector<std::unique_ptr<Publisher>> publishers_;
};

}  // namespace junctor::zeromq
