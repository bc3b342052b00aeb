// How bytes reach the protocol: socket -> TLS -> WebSocket frames -> handler, each where the connection has it.
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "core/runtime/stream_set.hpp"
#include "core/runtime/tcp_stream.hpp"

namespace junctor {

namespace {

/// What a read costs at least, in bytes that take as long: a system call and a write; a session that opens or ends; keys that are agreed on.
constexpr std::size_t read_cost = 2 << 10;
constexpr std::size_t end_cost = 8 << 10;
constexpr std::size_t newcomer_cost = 8 << 10;
constexpr std::size_t tls_newcomer_cost = 64 << 10;

}  // namespace

bool TcpStream::reading() const noexcept { return state_ == State::open && pauses_ == 0 && !set_->wishes().move_to; }

void TcpStream::read_some() noexcept {
    if (!set_->may_read(lane_)) return set_->put_off();
    const std::span<std::uint8_t> room = set_->room();
    const ssize_t count = recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (count <= 0) {
        set_->count_cost(lane_, end_cost);
        return count == 0 ? peer_gone() : finish(CloseReason::connection_lost);
    }
    last_received_ = core().now();
    change_lane(set_->count_read(appetite_, lane_, static_cast<std::size_t>(count), least_cost()));
    if (state_ != State::open) return;
    set_->metrics().add(endpoint_.bytes_in, static_cast<std::uint64_t>(count));
    take_wire(room.first(static_cast<std::size_t>(count)));
    stay();
}

std::size_t TcpStream::least_cost() const noexcept {
    if (!layers_ || !layers_->handshake) return read_cost;
    return layers_->tls ? tls_newcomer_cost : newcomer_cost;
}

void TcpStream::discard_some() noexcept {
    const std::span<std::uint8_t> room = set_->input().fresh();
    const ssize_t count = recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) finish(reason_);
}

// What is queued gets one more chance: the peer may have closed only its own direction.
void TcpStream::peer_gone() noexcept {
    if (!blocked_) write_some();
    if (state_ != State::open) return finish(reason_);
    guarded([this] { half_closed_ = handler_->input_ended(); });
    if (!half_closed_) return finish(CloseReason::connection_lost);
    watch_events();
}

void TcpStream::take_wire(std::span<std::uint8_t> bytes) noexcept {
    if (!layers_ || !layers_->tls) return take_plain(bytes);
    layers_->tls->feed(bytes);
    pump_tls();
}

void TcpStream::pump_tls() noexcept {
    TlsEngine& tls = *layers_->tls;
    while (reading()) {
        const std::span<std::uint8_t> room = set_->decrypted().fresh();
        const TlsEngine::Read read = tls.read(set_->loop().slabs(), room);
        if (!tls.output().empty()) mark_dirty();
        switch (read.status) {
            case TlsEngine::Status::ok: take_plain(room.first(read.size)); break;
            case TlsEngine::Status::want_more: return;
            case TlsEngine::Status::closed: return peer_gone();
            case TlsEngine::Status::failed: return start_closing(CloseReason::malformed);
        }
    }
    if (state_ == State::open) return tls.keep();
    tls.feed({});
}

void TcpStream::take_plain(std::span<std::uint8_t> bytes) noexcept {
    if (layers_ && layers_->websocket) return take_frames(bytes);
    deliver(bytes);
}

void TcpStream::deliver(std::span<std::uint8_t> fresh) noexcept {
    const bool framed = layers_ && layers_->websocket;
    const std::span<std::uint8_t> input = behind_tail(fresh);
    const std::span<std::uint8_t> rest = input.subspan(call_received(input));
    if (state_ != State::open) return;
    if (!framed && layers_ && layers_->websocket) return take_first_frames(rest);
    keep_tail(rest);
    if (rest.size() > handler_->receive_limit()) close(CloseReason::too_large, {});
}

/// The kept tail and `fresh` in one piece: normally within the shared buffer, where there is room before `fresh`.
std::span<std::uint8_t> TcpStream::behind_tail(std::span<std::uint8_t> fresh) noexcept {
    if (!layers_ || layers_->tail.empty()) return fresh;
    return joined(layers_->tail, fresh);
}

std::span<std::uint8_t> TcpStream::joined(ByteBuffer& kept, std::span<std::uint8_t> fresh) noexcept {
    const std::size_t room = std::max(set_->input().room_before(fresh.data()), set_->decrypted_room_before(fresh.data()));
    if (fresh.empty() || room < kept.size()) {
        append(kept, Bytes(fresh));
        return kept;
    }
    std::uint8_t* begin = fresh.data() - kept.size();
    std::memcpy(begin, kept.data(), kept.size());
    return {begin, kept.size() + fresh.size()};
}

std::size_t TcpStream::call_received(Bytes bytes) noexcept {
    std::size_t consumed = 0;
    guarded([&] { consumed = handler_->received(bytes); });
    assert(consumed <= bytes.size());
    if (set_->wishes().successor) handler_ = std::move(set_->wishes().successor);
    return consumed;
}

void TcpStream::keep_tail(std::span<std::uint8_t> rest) noexcept {
    if (rest.empty()) {
        if (!layers_) return;
        layers_->tail = ByteBuffer();
        return trim_layers();
    }
    ByteBuffer& tail = layers().tail;
    const bool within = !tail.empty() && rest.data() >= tail.data() && rest.data() < tail.data() + tail.size();
    if (within) {
        tail.erase(tail.begin(), tail.end() - static_cast<std::ptrdiff_t>(rest.size()));
    } else {
        tail.assign(rest.begin(), rest.end());
    }
}

/// What stood behind the upgrade request is the beginning of the frames.
void TcpStream::take_first_frames(std::span<std::uint8_t> rest) noexcept {
    ByteBuffer frames(rest.begin(), rest.end());
    layers_->tail = ByteBuffer();
    take_frames(frames);
}

bool TcpStream::resume_input() noexcept {
    redeliver_ = false;
    const bool messages = layers_ && layers_->websocket && layers_->websocket->mode == WebSocketMode::messages;
    if (reading() && !messages && layers_ && !layers_->tail.empty()) deliver({});
    if (reading() && layers_ && layers_->websocket) take_frames({});
    if (reading() && layers_ && layers_->tls) pump_tls();
    return stay();
}

/// False when the handler asked to move and the stream has gone.
bool TcpStream::stay() noexcept {
    const std::optional<CoreId> target = std::exchange(set_->wishes().move_to, std::nullopt);
    if (!target || state_ != State::open) return true;
    set_->mail(*this, *target);
    return false;
}

}  // namespace junctor
