#include "core/runtime/tcp_stream.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>

#include "core/runtime/stream_set.hpp"
#include "core/runtime/tls_context.hpp"
#include "core/runtime/websocket_close.hpp"

namespace junctor {

namespace {

constexpr std::size_t most_pieces = 256;          // of one gather write
constexpr std::size_t cipher_ahead = 256 << 10;   // ciphertext that may wait for the kernel

/// One piece goes without the kernel's reading of a message header.
ssize_t send_pieces(int descriptor, std::span<iovec> pieces) noexcept {
    constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    if (pieces.size() == 1) return ::send(descriptor, pieces[0].iov_base, pieces[0].iov_len, flags);
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return ::sendmsg(descriptor, &message, flags);
}

Address address_of(const sockaddr_storage& socket) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (socket.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(socket);
        return {inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size()), ntohs(v6.sin6_port)};
    }
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(socket);
    return {inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size()), ntohs(v4.sin_port)};
}

}  // namespace

void HandshakeLimit::expired(TimePoint) noexcept { stream_.handshake_expired(); }

TcpStream::TcpStream(int descriptor, Endpoint& endpoint, Standing standing) noexcept
    : standing_(standing), descriptor_(descriptor), endpoint_(endpoint) {}

TcpStream::~TcpStream() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void TcpStream::take_place(StreamSet& set, std::uint32_t place) noexcept {
    set_ = &set;
    place_ = place;
}

void TcpStream::begin() noexcept {
    last_received_ = core().now();
    if (const std::shared_ptr<TlsContext> tls = endpoint_.tls.load()) layers().tls = std::make_unique<TlsEngine>(tls->get());
    layers().handshake = std::make_unique<HandshakeLimit>(*this);
    const Duration most = set_->limits().handshake_timeout;
    core().timers().arm(*layers_->handshake, core().now() + (surplus() ? std::min(most, surplus_limit) : most));
    set_->count_unauthenticated(1);
    const std::shared_ptr<const Endpoint::Protocol> protocol = endpoint_.protocol.load();
    owner_ = protocol->owner;
    guarded([&] { handler_ = protocol->factory(*this); });
    if (!handler_) return finish(CloseReason::internal_error);
    watch_events();
}

void TcpStream::established() noexcept {
    if (surplus() && state_ == State::open) return abort(CloseReason::overloaded);
    if (!layers_ || !layers_->handshake) return;
    layers_->handshake.reset();
    set_->count_unauthenticated(-1);
    trim_layers();
}

void TcpStream::handshake_expired() noexcept {
    if (state_ == State::open) close(CloseReason::handshake_timeout, {});
}

Core& TcpStream::core() const noexcept { return set_->loop().core(); }

StreamLayers& TcpStream::layers() noexcept {
    if (!layers_) layers_ = std::make_unique<StreamLayers>();
    return *layers_;
}

void TcpStream::trim_layers() noexcept {
    if (layers_ && layers_->empty()) layers_.reset();
}

Peer TcpStream::peer() const {
    Peer peer;
    sockaddr_storage socket{};
    socklen_t size = sizeof socket;
    if (getpeername(descriptor_, reinterpret_cast<sockaddr*>(&socket), &size) == 0) {
        const Address address = address_of(socket);
        peer.address = address.text();
        peer.loopback = address.loopback();
    }
    if (!layers_ || !layers_->tls) return peer;
    peer.encrypted = true;
    peer.certificate_subject = layers_->tls->certificate_subject();
    peer.certificate_expires = layers_->tls->certificate_expires();
    peer.certificate_names = layers_->tls->certificate_names();
    peer.server_name = layers_->tls->server_name();
    return peer;
}

void TcpStream::send(Bytes bytes) noexcept {
    if (state_ != State::open) return;
    begin_message(bytes.size());
    outbound_.append(set_->loop().slabs(), bytes);
    queued_more();
}

void TcpStream::send(Bytes head, Bytes middle, const SharedSlice& tail) noexcept {
    if (state_ != State::open) return;
    begin_message(head.size() + middle.size() + tail.bytes.size());
    outbound_.append(set_->loop().slabs(), head, middle, tail);
    queued_more();
}

/// On a WebSocket every message is one frame.
void TcpStream::begin_message(std::size_t size) noexcept {
    if (!layers_ || !layers_->websocket) return;
    const auto opcode = layers_->websocket->text ? ws_frames::Opcode::text : ws_frames::Opcode::binary;
    outbound_.append(set_->loop().slabs(), ws_frames::frame_header(opcode, size).view());
}

void TcpStream::queued_more() noexcept {
    set_->count_sent();
    if (!wants_more()) full_ = true;
    mark_dirty();
}

void TcpStream::mark_dirty() noexcept {
    if (dirty_) return;
    dirty_ = true;
    set_->loop().mark_dirty(*this);
}

std::size_t TcpStream::queued() const noexcept {
    return outbound_.size() + (layers_ && layers_->tls ? layers_->tls->output().size() : 0);
}

OutboundQueue& TcpStream::wire() noexcept { return layers_ && layers_->tls ? layers_->tls->output() : outbound_; }

void TcpStream::charge(Ref<QueueShare> share) noexcept {
    if (!share && !layers_) return;
    layers().charge.use(std::move(share));
    trim_layers();
    if (blocked_) settle_charge();
}

/// While a rest waits somebody else may fill the share, so whoever was told to wait hears of the end of it.
void TcpStream::settle_charge() noexcept {
    if (!layers_ || !layers_->charge.share()) return;
    layers_->charge.settle(queued());
    full_ = full_ || layers_->charge.held() != 0;
}

void TcpStream::flush() noexcept {
    dirty_ = false;
    if (redeliver_ && !resume_input()) return;
    if (state_ == State::closed) return;
    if (blocked_) return settle_charge();
    write_some();
    settle_charge();
    if (state_ == State::closing && queued() == 0) return start_lingering();
    if (state_ != State::open || !full_ || queued() >= high_water / 2 || !wants_more()) return;
    full_ = false;
    guarded([this] { handler_->writable(); });
}

void TcpStream::write_some() noexcept {
    SlabPool& slabs = set_->loop().slabs();
    for (;;) {
        if (layers_ && layers_->tls) layers_->tls->write(slabs, outbound_, cipher_ahead);
        if (wire().empty()) break;
        std::array<iovec, most_pieces> pieces;
        const std::size_t count = wire().gather(pieces.data(), pieces.size());
        const ssize_t written = send_pieces(descriptor_, std::span(pieces).first(count));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            blocked_ = true;
            break;
        }
        if (written < 0) return finish(CloseReason::connection_lost);
        set_->metrics().add(endpoint_.bytes_out, static_cast<std::uint64_t>(written));
        Appetites::count_written(appetite_, static_cast<std::size_t>(written));
        wire().consume(slabs, static_cast<std::size_t>(written));
    }
    watch_events();
}

// Level-triggered: what is not asked for costs nothing, and what is asked for stays so without another system call.
void TcpStream::watch_events() noexcept {
    if (state_ == State::closed) return;
    const bool input = !half_closed_ && (state_ != State::open || pauses_ == 0);
    const auto events = static_cast<std::uint8_t>((input ? EPOLLIN : 0U) | (blocked_ ? EPOLLOUT : 0U));
    Poller& poller = set_->loop().poller();
    if (registered_ && events == watched_) return;
    if (registered_) {
        poller.change(descriptor_, *this, events, lane_);
    } else if (!poller.add(descriptor_, *this, events, lane_)) {
        return finish(CloseReason::overloaded);
    }
    registered_ = true;
    watched_ = events;
}

void TcpStream::stop_watching() noexcept {
    if (registered_) set_->loop().poller().remove(descriptor_, *this, lane_);
    registered_ = false;
}

void TcpStream::change_lane(Poller::Lane lane) noexcept {
    if (lane == lane_) return;
    stop_watching();
    lane_ = lane;
    watch_events();
}

void TcpStream::ready(std::uint32_t events) noexcept {
    if ((events & EPOLLOUT) != 0 && blocked_) {
        blocked_ = false;
        mark_dirty();
    }
    const bool ended = (events & (EPOLLHUP | EPOLLERR)) != 0;
    if ((events & EPOLLIN) == 0 && !ended) return;
    if (state_ != State::open) return discard_some();
    if (half_closed_) return finish(CloseReason::connection_lost);
    if (pauses_ == 0) return read_some();
    if (ended) finish(CloseReason::connection_lost);
}

void TcpStream::pause_reading() noexcept {
    if (pauses_++ == 0) watch_events();
}

void TcpStream::resume_reading() noexcept {
    assert(pauses_ > 0);
    if (--pauses_ != 0 || state_ == State::closed) return;
    watch_events();
    redeliver_ = true;
    mark_dirty();
}

void TcpStream::set_deadline(Duration delay) noexcept {
    if (state_ != State::open) return;
    if (delay == Duration::zero()) return core().timers().cancel(*this);
    core().timers().arm(*this, core().now() + delay);
}

void TcpStream::expired(TimePoint) noexcept {
    if (state_ == State::open) return guarded([this] { handler_->timed_out(); });
    finish(reason_);
}

void TcpStream::drain() noexcept {
    if (state_ == State::open) guarded([this] { handler_->drain(); });
}

void TcpStream::close(CloseReason reason, std::string_view text) noexcept {
    if (state_ != State::open) return;
    if (layers_ && layers_->websocket) {
        const auto payload = ws_frames::close_payload(ws_frames::close_code(reason), text.empty() ? to_string(reason) : text);
        send_frame(ws_frames::Opcode::close, payload.view());
    }
    start_closing(reason);
}

void TcpStream::start_closing(CloseReason reason) noexcept {
    state_ = State::closing;
    reason_ = reason;
    core().timers().arm(*this, core().now() + linger_limit);
    watch_events();
    mark_dirty();
}

// Our end is shut, the peer's is read away until it ends too: a descriptor closed with unread input would reset the connection,
// and the peer might never see our last words.
void TcpStream::start_lingering() noexcept {
    if (layers_ && layers_->tls) {
        layers_->tls->say_goodbye(set_->loop().slabs());
        write_some();
        if (state_ == State::closed) return;
    }
    if (half_closed_) return finish(reason_);
    state_ = State::lingering;
    shutdown(descriptor_, SHUT_WR);
    tell_closed();
}

void TcpStream::abort(CloseReason reason) noexcept {
    if (state_ == State::closed) return;
    finish(state_ == State::open ? reason : reason_);
}

void TcpStream::finish(CloseReason reason) noexcept {
    if (state_ == State::closed) return;
    state_ = State::closed;
    reason_ = reason;
    established();
    core().timers().cancel(*this);
    stop_watching();
    ::close(descriptor_);
    descriptor_ = -1;
    outbound_.clear(set_->loop().slabs());
    set_->retire(*this);
}

void TcpStream::end() noexcept { tell_closed(); }

void TcpStream::tell_closed() noexcept {
    if (!handler_) return;
    set_->metrics().add(endpoint_.closed[static_cast<std::size_t>(reason_)]);
    const std::unique_ptr<StreamHandler> handler = std::move(handler_);
    guarded([&] { handler->closed(reason_); });
}

void TcpStream::depart() noexcept {
    EventLoop& loop = set_->loop();
    if (dirty_) loop.unmark(*this);
    had_deadline_ = armed();
    core().timers().cancel(*this);
    if (layers_ && layers_->handshake) {
        core().timers().cancel(*layers_->handshake);
        set_->count_unauthenticated(-1);
    }
    stop_watching();
    lane_ = Poller::Lane::prompt;
    appetite_ = {};
}

void TcpStream::arrive() noexcept {
    if (had_deadline_) core().timers().arm(*this, due());
    if (layers_ && layers_->handshake) {
        core().timers().arm(*layers_->handshake, layers_->handshake->due());
        set_->count_unauthenticated(1);
    }
    blocked_ = false;
    dirty_ = false;
    redeliver_ = true;
    mark_dirty();
    watch_events();
    guarded([this] { handler_->arrived(); });
}

void TcpStream::move_to(CoreId target) noexcept {
    if (target != core().id()) {
        set_->wishes().move_to = target;
        return;
    }
    redeliver_ = true;
    mark_dirty();
    guarded([this] { handler_->arrived(); });
}

void TcpStream::become_websocket(WebSocketMode mode, bool text, std::unique_ptr<StreamHandler> next) noexcept {
    layers().websocket = std::make_unique<WebSocketLayer>(mode, text);
    set_->wishes().successor = std::move(next);
}

}  // namespace junctor
