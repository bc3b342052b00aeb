#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/stream.hpp"

namespace junctor::test {

/// A stream without a network: keeps what the protocol sends, can stall, and hands it what the test says the peer sent.
class FakeStream : public Stream {
public:
    explicit FakeStream(Core& core) noexcept : core_(&core) {}

    void send(Bytes bytes) noexcept override;
    void send(Bytes head, Bytes middle, const SharedSlice& tail) noexcept override;
    std::size_t queued() const noexcept override { return stalled ? unwritten_ : 0; }
    bool wants_more() const noexcept override { return !stalled; }
    void close(CloseReason reason, std::string_view text) noexcept override;
    void abort(CloseReason reason) noexcept override;
    void pause_reading() noexcept override { ++pauses; }
    void resume_reading() noexcept override { --pauses; }
    void set_deadline(Duration delay) noexcept override { deadline = delay; }
    TimePoint last_received() const noexcept override;
    Peer peer() const override { return remote; }
    Core& core() const noexcept override { return *core_; }
    /// Only notes the wish; the test calls `arrive`.
    void move_to(CoreId core) noexcept override { moved_to = core; }
    void become_websocket(WebSocketMode mode, bool text, std::unique_ptr<StreamHandler> next) noexcept override;
    void ping() noexcept override { ++pings; }
    bool surplus() const noexcept override { return is_surplus; }
    bool came_too_fast() const noexcept override { return is_too_fast; }
    void established() noexcept override { is_established = true; }

    /// Takes the handler as the driver does.
    void attach(std::unique_ptr<StreamHandler> handler) { handler_ = std::move(handler); }
    StreamHandler& handler() noexcept { return *handler_; }
    bool attached() const noexcept { return handler_ != nullptr; }

    /// Bytes from the peer; what the handler leaves comes again in front of the next. A message stream hands on each call whole.
    void receive(Bytes bytes);
    void receive(std::string_view text) { receive(as_bytes(text)); }
    std::size_t unconsumed() const noexcept { return pending_.size(); }
    /// Ends a stall, and tells the handler.
    void unstall();
    /// Puts the stream on another core, as `move_to` asked.
    void arrive(Core& core);
    /// Calls `closed` if the protocol closed or `reason` is given, and destroys the handler.
    void finish(std::optional<CloseReason> reason = {});

    ByteBuffer sent;                     ///< everything since the test last cleared it
    std::vector<ByteBuffer> messages;    ///< the same, one element per `send`
    bool stalled = false;
    std::optional<CloseReason> closed_as;
    std::string closed_text;
    bool aborted = false;
    int pauses = 0;
    int pings = 0;
    Duration deadline{0};
    std::optional<CoreId> moved_to;
    bool is_established = false;
    bool is_surplus = false;
    bool is_too_fast = false;
    bool is_websocket = false;
    bool message_mode = false;           ///< set for a WebSocket in message mode
    Peer remote{"127.0.0.1:40000", true, false, {}, {}, {}};

private:
    void keep(std::initializer_list<Bytes> parts);

    Core* core_;
    std::unique_ptr<StreamHandler> handler_;
    std::unique_ptr<StreamHandler> next_handler_;
    ByteBuffer pending_;
    std::size_t unwritten_ = 0;
    TimePoint last_received_{};
};

}  // namespace junctor::test
