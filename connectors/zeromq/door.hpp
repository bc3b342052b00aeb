#pragma once

#include <memory>
#include <string>

#include "connectors/zeromq/zap.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor::zeromq {

/// What the doors of one connector share.
struct DoorSetup {
    Host& host;
    Sockets& sockets;
    CoreId home;            ///< the core all of them live on
    std::string connector;  ///< the instance's name
    SocketOptions socket;
    Duration idle_timeout = std::chrono::minutes(5);
    bool retained = true;   ///< subscribers get retained values
    std::shared_ptr<Zap> zap;  ///< who the peers are
};

/// One libzmq socket on the event loop of its home core. Bound on the main thread; from `start` on it belongs to the core.
///
/// ZMQ_FD is edge-triggered and any call on the socket may swallow the edge, so every turn ends by asking the socket again, and
/// whoever sends outside a turn calls `wake`. A turn does a bounded amount of work and posts itself when there is more.
class Door : public std::enable_shared_from_this<Door>, private Zap::Witness {
public:
    virtual ~Door() = default;
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    /// Main thread, before the cores run. Throws SetupError.
    void bind(const Address& address);
    /// As bound: port 0 resolved.
    const Address& bound() const noexcept { return bound_; }

    /// Main thread: begin to serve, end with a goodbye; both happen on the core, soon.
    void start();
    void drain() noexcept;

protected:
    Door(DoorSetup setup, Socket::Kind kind);

    /// On the core: once at the beginning; at the end, after which nothing is called any more.
    virtual void started() {}
    virtual void ended() noexcept = 0;
    /// Whether `connection_changed` is wanted; constant.
    virtual bool follows_connections() const noexcept { return false; }
    /// A connection came or went, told before it gets a name from `Zap`, and before any message that came by it.
    virtual void connection_changed(const Socket::ConnectionEvent&) noexcept {}
    /// Handles the message just received.
    virtual void received() noexcept = 0;
    /// May the next message be read now? One that waits for an answer first says no, and calls `wake` when it has it.
    virtual bool ready() const noexcept { return true; }
    /// Sends what waits. True when some of it still does.
    virtual bool flush() noexcept { return false; }
    /// How soon that is tried again.
    virtual Duration retry_interval() const noexcept { return std::chrono::milliseconds(10); }
    /// A turn, soon.
    void wake() noexcept;

    Core& core() const noexcept { return *core_; }
    Socket& socket() const noexcept { return *socket_; }
    const DoorSetup& setup() const noexcept { return setup_; }
    /// Who sent the message just received; null: nobody who is known.
    PrincipalRef sender() const noexcept { return setup_.zap->find(socket_->user()); }

private:
    void begin(Core& core);
    void finish() noexcept;
    void turn() noexcept;
    bool receive_some() noexcept;
    void watch();
    void naming() noexcept override;
    void note_connections() noexcept;

    /// Retries what waits for room: a wake-up lost between two calls of libzmq is not felt.
    class Pulse final : public Timer {
    public:
        explicit Pulse(Door& door) noexcept : door_(door) {}
        void expired(TimePoint) noexcept override { door_.turn(); }

    private:
        Door& door_;
    };

    DoorSetup setup_;
    Socket::Kind kind_;
    Address bound_;
    Core* core_ = nullptr;
    std::unique_ptr<Socket> socket_;  ///< null at the end
    std::unique_ptr<DescriptorWatch> watch_;
    std::unique_ptr<DescriptorWatch> connections_watch_;
    Pulse pulse_{*this};
    bool running_ = false;
    bool woken_ = false;
};

}  // namespace junctor::zeromq
