#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/ports/stream.hpp"
#include "core/runtime/appetite.hpp"
#include "core/runtime/poller.hpp"
#include "core/runtime/standing.hpp"
#include "core/runtime/stream_layers.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/outbound_queue.hpp"

namespace junctor {

struct Endpoint;
class StreamSet;

/// The stream driver: one accepted TCP connection with TLS and WebSocket frames over it where it has them.
///
/// It reads into its core's shared buffer, hands that to the handler in place and keeps only what was left; it writes once per
/// round. All that a connection at rest does not need stands in `layers_`.
class TcpStream final : public Stream, public Pollable, private Timer {
public:
    /// Above this many queued bytes `wants_more` is false, until less than half is queued.
    static constexpr std::size_t high_water = 512 << 10;
    /// How long a closing connection may take to flush and to see the peer's end.
    static constexpr Duration linger_limit = std::chrono::seconds(2);

    /// How long one above the limit may take to say what it wants.
    static constexpr Duration surplus_limit = std::chrono::seconds(2);

    TcpStream(int descriptor, Endpoint& endpoint, Standing standing = Standing::admitted) noexcept;
    ~TcpStream();

    void send(Bytes bytes) noexcept override;
    void send(Bytes head, Bytes middle, const SharedSlice& tail) noexcept override;
    std::size_t queued() const noexcept override;
    bool wants_more() const noexcept override { return queued() < high_water && !(layers_ && layers_->charge.full()); }
    void charge(Ref<QueueShare> share) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;
    void abort(CloseReason reason) noexcept override;
    void pause_reading() noexcept override;
    void resume_reading() noexcept override;
    void set_deadline(Duration delay) noexcept override;
    TimePoint last_received() const noexcept override { return last_received_; }
    Peer peer() const override;
    Core& core() const noexcept override;
    void move_to(CoreId core) noexcept override;
    void become_websocket(WebSocketMode mode, bool text, std::unique_ptr<StreamHandler> next) noexcept override;
    void ping() noexcept override;
    void belongs_to(OwnerId owner) noexcept override { owner_ = owner; }
    bool surplus() const noexcept override { return standing_ != Standing::admitted; }
    bool came_too_fast() const noexcept override { return standing_ == Standing::too_fast; }
    void established() noexcept override;

    void ready(std::uint32_t events) noexcept override;
    void flush() noexcept override;

    // For the set that owns it.

    void take_place(StreamSet& set, std::uint32_t place) noexcept;
    std::uint32_t place() const noexcept { return place_; }
    Endpoint& endpoint() const noexcept { return endpoint_; }
    OwnerId owner() const noexcept { return owner_; }
    bool dirty() const noexcept { return dirty_; }
    /// The first call after it has its place: makes the protocol and begins to read.
    void begin() noexcept;
    void drain() noexcept;
    /// Before it leaves its core, and after it has its place on the next one.
    void depart() noexcept;
    void arrive() noexcept;
    /// The last call: tells the handler.
    void end() noexcept;

private:
    friend class HandshakeLimit;

    enum class State : std::uint8_t {
        open,
        closing,    ///< the goodbye is queued; nothing is handed to the handler any more
        lingering,  ///< all is written; waits for the peer's end
        closed,     ///< waits to be destroyed
    };

    // Input (tcp_stream_input.cpp).
    bool reading() const noexcept;
    void read_some() noexcept;
    std::size_t least_cost() const noexcept;
    void discard_some() noexcept;
    void take_wire(std::span<std::uint8_t> bytes) noexcept;
    void pump_tls() noexcept;
    void take_plain(std::span<std::uint8_t> bytes) noexcept;
    void deliver(std::span<std::uint8_t> fresh) noexcept;
    std::size_t call_received(Bytes bytes) noexcept;
    std::span<std::uint8_t> behind_tail(std::span<std::uint8_t> fresh) noexcept;
    std::span<std::uint8_t> joined(ByteBuffer& kept, std::span<std::uint8_t> fresh) noexcept;
    void keep_tail(std::span<std::uint8_t> rest) noexcept;
    void take_first_frames(std::span<std::uint8_t> rest) noexcept;
    /// False when the stream has left for another core: it must not be touched any more.
    bool resume_input() noexcept;
    bool stay() noexcept;
    void peer_gone() noexcept;

    // WebSocket frames (tcp_stream_websocket.cpp).
    void take_frames(std::span<std::uint8_t> bytes) noexcept;
    std::span<std::uint8_t> split_frames(std::span<std::uint8_t> bytes) noexcept;
    void take_event(const ws_frames::Decoder::Event& event) noexcept;
    void take_message_part(const ws_frames::Decoder::Event& part) noexcept;
    void hand_over_message(Bytes message, bool text) noexcept;
    bool redeliver_message() noexcept;
    void take_control(const ws_frames::Decoder::Event& frame) noexcept;
    void take_close(Bytes payload) noexcept;
    void send_frame(ws_frames::Opcode opcode, Bytes payload) noexcept;
    void fail_websocket(ws_frames::CloseCode code, CloseReason reason) noexcept;

    // Output and life (tcp_stream.cpp).
    void begin_message(std::size_t size) noexcept;
    void queued_more() noexcept;
    void mark_dirty() noexcept;
    OutboundQueue& wire() noexcept;
    void write_some() noexcept;
    void settle_charge() noexcept;
    void watch_events() noexcept;
    void change_lane(Poller::Lane lane) noexcept;
    void stop_watching() noexcept;
    void start_closing(CloseReason reason) noexcept;
    void start_lingering() noexcept;
    void finish(CloseReason reason) noexcept;
    void tell_closed() noexcept;
    void handshake_expired() noexcept;
    void expired(TimePoint now) noexcept override;
    StreamLayers& layers() noexcept;
    void trim_layers() noexcept;

    /// A handler must not throw; one that does loses its connection and no other.
    template <class Call>
    void guarded(Call&& call) noexcept {
        try {
            call();
        } catch (...) {
            abort(CloseReason::internal_error);
        }
    }

    // What a send touches stands together.
    StreamSet* set_ = nullptr;
    std::unique_ptr<StreamLayers> layers_;
    OutboundQueue outbound_;  ///< plaintext; with TLS its ciphertext waits in the engine
    std::uint16_t pauses_ = 0;
    State state_ = State::open;
    CloseReason reason_ = CloseReason::connection_lost;
    std::uint8_t watched_ = 0;       ///< the epoll events asked for: EPOLLIN and EPOLLOUT fit
    bool registered_ : 1 = false;    ///< the poller knows the descriptor
    bool dirty_ : 1 = false;
    bool blocked_ : 1 = false;       ///< the kernel takes no more now
    bool full_ : 1 = false;          ///< `wants_more` has been false since the last `writable`
    bool redeliver_ : 1 = false;     ///< what was left comes again at the end of the round
    bool had_deadline_ : 1 = false;  ///< while it travels: the timer is to be armed again
    Standing standing_ : 2;
    bool half_closed_ : 1 = false;   ///< the peer has ended its direction; answers are still under way
    Poller::Lane lane_ = Poller::Lane::bulk;  ///< until it has sent something: newcomers need not be first
    OwnerId owner_;
    Appetite appetite_;

    int descriptor_;
    std::uint32_t place_ = 0;
    Endpoint& endpoint_;
    std::unique_ptr<StreamHandler> handler_;
    TimePoint last_received_;
};

}  // namespace junctor
