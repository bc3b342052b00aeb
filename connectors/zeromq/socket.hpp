#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connectors/zeromq/tcp_progress.hpp"
#include "core/ports/host.hpp"
#include "core/ports/template.hpp"

namespace junctor::zeromq {

/// How peers show who they are; one for all peers of a socket.
enum class Mechanism : std::uint8_t { null, plain, curve };

struct SocketOptions {
    int high_water_mark = 1'000;        ///< messages libzmq keeps per peer and direction; 0: without limit
    std::size_t largest_frame = 8 << 20;  ///< a peer that sends a larger one is disconnected
    Duration heartbeat = std::chrono::seconds(15);  ///< a peer that stays silent for two of them is gone
    Duration stall = std::chrono::seconds(30);      ///< a peer whose TCP takes nothing for so long is disconnected
    Duration linger = std::chrono::seconds(1);      ///< how long what has been sent may still go out after closing
    Mechanism mechanism = Mechanism::null;
    std::string curve_secret_key;                   ///< the server's own, 40 characters of Z85
};

/// What a door needs of libzmq: a bound socket that never blocks. Used by one thread at a time.
class Socket {
public:
    enum class Kind : std::uint8_t {
        subscriber,
        publisher,
        router,
        zap,  ///< is asked who the connections of all other sockets of the same `Sockets` are; needs no `bind`
    };
    enum class Sent : std::uint8_t { yes, full, gone };
    /// Bytes that libzmq holds; it takes off them on a thread of its own, and may outlive the socket.
    using Held = std::shared_ptr<std::atomic<std::size_t>>;
    static constexpr std::size_t max_parts = 10;

    struct ConnectionEvent {
        int connection = -1;
        bool opened = false;  ///< else closed
    };

    virtual ~Socket() = default;

    /// The address as bound. std::errc::address_in_use and the like otherwise.
    virtual Result<Address> bind(const Address& address) = 0;

    /// Readable whenever there may be something to do; edge-triggered: after any other call `readable` must be asked again.
    virtual int descriptor() const = 0;
    /// A message can be received. Takes note of everything that happened meanwhile.
    virtual bool readable() noexcept = 0;

    /// Receives one whole message into `parts()`; false when there is none.
    virtual bool receive() noexcept = 0;
    /// The frames received last, at most `max_parts` of them; valid until the next `receive`.
    virtual std::span<const Bytes> parts() const noexcept = 0;
    /// All bytes of the message received last, also of frames beyond `max_parts`.
    virtual std::size_t received_bytes() const noexcept = 0;

    /// Which connection it came by, as the ZAP handler named it: whose it is, and unlike any other.
    virtual std::string_view user() const noexcept = 0;

    /// The connection it came by: a number that means something only to `next_connection_event`. -1: not known.
    virtual int connection() const noexcept = 0;

    /// From now on notes connections that come and go; called before `bind`, all of them.
    virtual void watch_connections() = 0;
    /// Readable whenever `next_connection_event` may have news; edge-triggered like `descriptor`.
    virtual int connections_descriptor() const = 0;
    /// What happened before the message received last is told before anything else; nullopt: nothing new.
    virtual std::optional<ConnectionEvent> next_connection_event() noexcept = 0;

    /// Sends one message, whole or not at all. Frames with an owner are shared when large, others are copied. `held` counts the shared ones, too,
    /// as long as libzmq holds them; null: nobody wants to know.
    virtual Sent send(std::span<const SharedSlice> frames, const Held& held) noexcept = 0;
    Sent send(std::span<const SharedSlice> frames) noexcept { return send(frames, nullptr); }

    /// Bytes of shared frames that libzmq holds for some peer or other, each counted once.
    virtual std::size_t unsent() const noexcept = 0;

    /// Publisher only: the peer whose (un)subscription was received last gets, or gets no more, what begins with `prefix`.
    virtual void admit(std::string_view prefix) noexcept = 0;
    virtual void dismiss(std::string_view prefix) noexcept = 0;
    /// Publisher only: what happens while some peer's queue is full: `send` answers `full`, or that peer goes without the message.
    virtual void drop_for_full_peers(bool drop) noexcept = 0;

    /// How far the peer of a connection is with what was written to it; nullopt when there is none (any more).
    virtual std::optional<TcpProgress> progress(int connection) const noexcept = 0;
    /// Ends a connection for both sides; libzmq's peers come back by themselves.
    virtual void end_connection(int connection) noexcept = 0;
};

/// Where sockets come from. Outlives them.
class Sockets {
public:
    virtual ~Sockets() = default;
    virtual std::unique_ptr<Socket> make(Socket::Kind kind, const SocketOptions& options) = 0;
};

}  // namespace junctor::zeromq
