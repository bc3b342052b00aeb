#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/ports/host.hpp"
#include "core/ports/template.hpp"

namespace junctor::zeromq {

/// libzmq's own thread and sockets, one per connector instance. Outlives its sockets.
class SocketContext {
public:
    SocketContext();
    ~SocketContext();
    SocketContext(const SocketContext&) = delete;
    SocketContext& operator=(const SocketContext&) = delete;

private:
    friend class Socket;
    struct Native;
    std::unique_ptr<Native> native_;
};

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

/// Of a secret CURVE key; empty when that is not 40 characters of Z85.
std::string curve_public_key(const std::string& secret_key);

/// A bound libzmq socket that never blocks. Used by one thread at a time; the only code that knows libzmq, with the client.
class Socket {
public:
    enum class Kind : std::uint8_t {
        subscriber,
        publisher,
        router,
        zap,  ///< is asked who the connections of all other sockets of the context are; needs no `bind`
    };
    enum class Sent : std::uint8_t { yes, full, gone };
    static constexpr std::size_t max_parts = 10;

    Socket(SocketContext& context, Kind kind, const SocketOptions& options);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    /// The address as bound. std::errc::address_in_use and the like otherwise.
    Result<Address> bind(const Address& address);

    /// Readable whenever there may be something to do; edge-triggered: after any other call `readable` must be asked again.
    int descriptor() const;
    /// A message can be received. Takes note of everything that happened meanwhile.
    bool readable() noexcept;

    /// Receives one whole message into `parts()`; false when there is none.
    bool receive() noexcept;
    /// The frames received last, at most `max_parts` of them; valid until the next `receive`.
    std::span<const Bytes> parts() const noexcept;
    /// All bytes of the message received last, also of frames beyond `max_parts`.
    std::size_t received_bytes() const noexcept;
    /// The numeric address its sender connected from; empty when not known.
    std::string peer_address() const;

    /// Whose connection it came by, as the ZAP handler named them.
    std::string_view user() const noexcept;

    /// The connection it came by: a number that means something only to `next_connection_event`. -1: not known.
    int connection() const noexcept;

    /// From now on notes connections that come and go; called before `bind`, all of them.
    void watch_connections();
    /// Readable whenever `next_connection_event` may have news; edge-triggered like `descriptor`.
    int connections_descriptor() const;
    struct ConnectionEvent {
        int connection = -1;
        bool opened = false;  ///< else closed
    };
    /// What happened before the message received last is told before anything else; nullopt: nothing new.
    std::optional<ConnectionEvent> next_connection_event() noexcept;

    /// Sends one message, whole or not at all. Frames with an owner are shared when large, others are copied.
    Sent send(std::span<const SharedSlice> frames) noexcept;

    /// Bytes of shared frames that libzmq holds for some peer or other, each counted once.
    std::size_t unsent() const noexcept;

    /// Publisher only: the peer whose (un)subscription was received last gets, or gets no more, what begins with `prefix`.
    void admit(std::string_view prefix) noexcept;
    void dismiss(std::string_view prefix) noexcept;
    /// Publisher only: what happens while some peer's queue is full: `send` answers `full`, or that peer goes without the message.
    void drop_for_full_peers(bool drop) noexcept;

private:
    struct Native;
    std::unique_ptr<Native> native_;
};

}  // namespace junctor::zeromq
