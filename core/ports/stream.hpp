#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/model/close_reason.hpp"
#include "core/ports/queue_share.hpp"
#include "core/ports/template.hpp"

namespace junctor {

class Core;

/// Who is at the other end of a stream, as far as the transport knows. Made on demand.
struct Peer {
    std::string address;  ///< numeric address and port
    bool loopback = false;
    bool encrypted = false;
    std::string certificate_subject;
    std::vector<std::string> certificate_names;
    std::string server_name;  ///< TLS SNI
    std::optional<WallTime> certificate_expires{};
};

class StreamHandler;

/// How a WebSocket's payload reaches its protocol.
enum class WebSocketMode : std::uint8_t { byte_stream, messages };

/// A connected byte or message transport (TCP, TLS, WebSocket over either), seen by the protocol that runs on it.
///
/// Belongs to its handler's core and is called only there. `send` never blocks: it appends to the outbound queue, which is
/// written once per round. On a WebSocket every `send` is one message. After `close` or `abort` sends are ignored.
class Stream {
public:
    virtual void send(Bytes bytes) noexcept = 0;
    /// One message: `head` is copied, `tail` is copied or shared by size and ownership.
    virtual void send(Bytes head, Bytes middle, const SharedSlice& tail) noexcept = 0;

    /// Bytes accepted and not yet in the kernel.
    virtual std::size_t queued() const noexcept = 0;
    /// False while so much is queued that the protocol should keep its messages; `StreamHandler::writable` says when it is over.
    virtual bool wants_more() const noexcept = 0;

    /// Flushes what is queued, says the transport's goodbye (`reason` chooses the WebSocket close code, `text` follows it),
    /// then `StreamHandler::closed` is called from the loop, not from here.
    virtual void close(CloseReason reason, std::string_view text = {}) noexcept = 0;
    /// Ends at once, without flushing.
    virtual void abort(CloseReason reason) noexcept = 0;

    /// Counted: reading goes on when every pause has been resumed. While paused `received` is not called; afterwards what was left
    /// unconsumed comes again from the loop, even if nothing new has arrived.
    virtual void pause_reading() noexcept = 0;
    virtual void resume_reading() noexcept = 0;

    /// Calls `StreamHandler::timed_out` once, after `delay` from now, unless set again; Duration::zero() clears it.
    virtual void set_deadline(Duration delay) noexcept = 0;
    /// When bytes last arrived: a keep-alive deadline that finds the peer active sets itself again.
    virtual TimePoint last_received() const noexcept = 0;

    virtual Peer peer() const = 0;
    virtual Core& core() const noexcept = 0;

    /// Only from within `received`, which must then return at once: mails stream and handler to another core, where
    /// `StreamHandler::arrived` and then the unconsumed bytes follow. To the present core: `arrived` before this returns.
    virtual void move_to(CoreId core) noexcept = 0;

    /// Only from within `received`, after the handshake's answer has been sent: from here on the bytes are WebSocket frames
    /// (RFC 6455, server side) for `next`, which replaces the present handler when that call returns.
    virtual void become_websocket(WebSocketMode mode, bool text, std::unique_ptr<StreamHandler> next) noexcept = 0;

    /// On a WebSocket: asks the peer for a sign of life, which `last_received` shows. Elsewhere: nothing.
    virtual void ping() noexcept {}

    /// What a flush leaves of its queue counts there from now on. While such a rest waits and there is no room, `wants_more` is false.
    virtual void charge(Ref<QueueShare>) noexcept {}

    /// Whose connection this is from now on: it is drained when a reload takes that owner away. Nobody: the address's.
    virtual void belongs_to(OwnerId) noexcept {}

    /// It came in above the limit of connections: its first request is to be refused in the protocol's idiom, and the stream closed as
    /// `overloaded`. One that is established all the same is closed by the driver.
    virtual bool surplus() const noexcept { return false; }
    /// It is surplus because newcomers come too fast, not because there are too many: where the protocol tells one from the other.
    virtual bool came_too_fast() const noexcept { return false; }

    /// Tells the driver that this connection is authenticated: handshake limits no longer apply.
    virtual void established() noexcept = 0;

protected:
    ~Stream() = default;
};

/// A protocol on one stream. The stream owns it and destroys it after `closed`. Calls come on the stream's core, never nested.
/// None of them throws; should one do so all the same, that stream alone is aborted as `internal_error`.
class StreamHandler {
public:
    virtual ~StreamHandler() = default;

    /// Bytes as they came (of a WebSocket in message mode: one whole message). Returns how many were consumed; the rest comes
    /// again, in front of what arrives next. Valid only during the call.
    virtual std::size_t received(Bytes bytes) = 0;
    /// Most bytes that may stay unconsumed; beyond it the driver closes as `too_large`.
    virtual std::size_t receive_limit() const noexcept = 0;
    /// The queue has drained after `wants_more` was false.
    virtual void writable() {}
    virtual void timed_out() {}
    virtual void arrived() {}
    /// The peer sends no more, but may still read. True: answers are under way for it, after which the handler closes the stream.
    virtual bool input_ended() { return false; }
    /// The gateway drains: say goodbye in the protocol's idiom and close the stream.
    virtual void drain() = 0;
    /// The last call. `reason` is `connection_lost` when the peer just went.
    virtual void closed(CloseReason reason) = 0;
};

}  // namespace junctor
