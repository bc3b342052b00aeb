#include "connectors/zeromq/socket.hpp"

#include <array>
#include <atomic>
#include <cassert>
#include <cstring>
#include <zmq.hpp>

namespace junctor::zeromq {
namespace {

int milliseconds(Duration duration) noexcept {
    return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

constexpr zmq::socket_type type_of(Socket::Kind kind) noexcept {
    switch (kind) {
        case Socket::Kind::subscriber: return zmq::socket_type::sub;
        case Socket::Kind::publisher: return zmq::socket_type::xpub;
        case Socket::Kind::router:
        case Socket::Kind::zap: break;
    }
    return zmq::socket_type::router;
}

void set_common(zmq::socket_t& socket, const SocketOptions& options) {
    socket.set(zmq::sockopt::sndhwm, options.high_water_mark);
    socket.set(zmq::sockopt::rcvhwm, options.high_water_mark);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(options.largest_frame));
    socket.set(zmq::sockopt::heartbeat_ivl, milliseconds(options.heartbeat));
    socket.set(zmq::sockopt::heartbeat_timeout, milliseconds(2 * options.heartbeat));
    socket.set(zmq::sockopt::tcp_maxrt, milliseconds(options.stall));
    socket.set(zmq::sockopt::linger, milliseconds(options.linger));
}

// A domain of its own makes libzmq ask who somebody is where nothing is shown, too.
void set_security(zmq::socket_t& socket, const SocketOptions& options) {
    socket.set(zmq::sockopt::zap_domain, "junctor");
    if (options.mechanism == Mechanism::plain) socket.set(zmq::sockopt::plain_server, true);
    if (options.mechanism != Mechanism::curve) return;
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, options.curve_secret_key);
}

void set_for_kind(zmq::socket_t& socket, Socket::Kind kind) {
    switch (kind) {
        case Socket::Kind::subscriber: return socket.set(zmq::sockopt::subscribe, "");
        case Socket::Kind::publisher:
            socket.set(zmq::sockopt::xpub_manual, true);
            return socket.set(zmq::sockopt::xpub_nodrop, true);
        case Socket::Kind::zap: return socket.bind("inproc://zeromq.zap.01");
        case Socket::Kind::router: break;
    }
    socket.set(zmq::sockopt::router_mandatory, true);
    // A peer that comes back under its own name replaces what is left of its old connection.
    socket.set(zmq::sockopt::router_handover, true);
}

/// What libzmq holds; it may outlive the socket.
using Unsent = std::shared_ptr<std::atomic<std::size_t>>;

/// A frame that libzmq has not copied: lives until all peers have been sent it.
struct Lent {
    Lent(const SharedSlice& its_slice, Unsent its_unsent) : slice(its_slice), unsent(std::move(its_unsent)) { *unsent += slice.bytes.size(); }
    ~Lent() { *unsent -= slice.bytes.size(); }

    SharedSlice slice;
    Unsent unsent;
};

// From libzmq's own thread: the counts are atomic.
void release(void*, void* lent) noexcept { delete static_cast<Lent*>(lent); }

void* unconst(Bytes bytes) noexcept { return const_cast<std::uint8_t*>(bytes.data()); }

zmq::message_t message_of(const SharedSlice& slice, const Unsent& unsent) {
    if (slice.bytes.size() <= Template::copy_limit || !slice.owned()) return zmq::message_t(slice.bytes.data(), slice.bytes.size());
    return zmq::message_t(unconst(slice.bytes), slice.bytes.size(), release, new Lent(slice, unsent));
}

}  // namespace

std::string curve_public_key(const std::string& secret_key) {
    std::array<char, 41> public_key{};
    if (secret_key.size() != 40 || zmq_curve_public(public_key.data(), secret_key.c_str()) != 0) return {};
    return public_key.data();
}

struct SocketContext::Native {
    zmq::context_t context{1};
};

SocketContext::SocketContext() : native_(std::make_unique<Native>()) {}
SocketContext::~SocketContext() = default;

struct Socket::Native {
    Native(zmq::context_t& its_context, Kind kind) : context(its_context), socket(its_context, type_of(kind)) {}

    zmq::context_t& context;
    zmq::socket_t socket;
    zmq::socket_t monitor;  ///< of `watch_connections`
    const Unsent unsent = std::make_shared<std::atomic<std::size_t>>(0);
    std::array<zmq::message_t, max_parts> messages;
    std::array<Bytes, max_parts> parts;
    std::size_t count = 0;
    std::size_t bytes = 0;

    void* handle() noexcept { return socket.handle(); }
    int receive_one(zmq::message_t& into) noexcept { return zmq_msg_recv(into.handle(), handle(), ZMQ_DONTWAIT); }
    void set_prefix(int option, std::string_view prefix) noexcept {
        const int failed = zmq_setsockopt(handle(), option, prefix.data(), prefix.size());
        assert(failed == 0);
        static_cast<void>(failed);
    }
};

Socket::Socket(SocketContext& context, Kind kind, const SocketOptions& options)
    : native_(std::make_unique<Native>(context.native_->context, kind)) {
    set_common(native_->socket, options);
    if (kind != Kind::zap) set_security(native_->socket, options);
    set_for_kind(native_->socket, kind);
}

// libzmq's own thread waits for a listener that has gone: the monitor ends before its listener does.
Socket::~Socket() {
    if (native_->monitor.handle() != nullptr) zmq_socket_monitor(native_->handle(), nullptr, 0);
}

Result<Address> Socket::bind(const Address& address) {
    const std::string port = address.port == 0 ? "*" : std::to_string(address.port);
    const bool v6 = address.host.find(':') != std::string::npos;
    native_->socket.set(zmq::sockopt::ipv6, v6);
    const std::string endpoint = "tcp://" + (v6 ? "[" + address.host + "]" : address.host) + ":" + port;
    if (zmq_bind(native_->handle(), endpoint.c_str()) != 0) return ErrorCode(zmq_errno(), boost::system::generic_category());
    const std::string bound = native_->socket.get(zmq::sockopt::last_endpoint);
    return Address{address.host, static_cast<std::uint16_t>(std::stoul(bound.substr(bound.rfind(':') + 1)))};
}

int Socket::descriptor() const { return native_->socket.get(zmq::sockopt::fd); }

bool Socket::readable() noexcept {
    int events = 0;
    std::size_t size = sizeof events;
    return zmq_getsockopt(native_->handle(), ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

bool Socket::receive() noexcept {
    native_->count = 0;
    native_->bytes = 0;
    zmq::message_t surplus;
    for (bool more = true; more;) {
        const bool keep = native_->count < max_parts;
        zmq::message_t& message = keep ? native_->messages[native_->count] : surplus;
        // The other parts of a message are there when its first is.
        if (native_->receive_one(message) < 0) return false;
        more = message.more();
        native_->bytes += message.size();
        if (keep) native_->parts[native_->count++] = {static_cast<const std::uint8_t*>(message.data()), message.size()};
    }
    return true;
}

std::span<const Bytes> Socket::parts() const noexcept { return std::span(native_->parts).first(native_->count); }

std::size_t Socket::received_bytes() const noexcept { return native_->bytes; }

std::string Socket::peer_address() const {
    const char* address = native_->count == 0 ? nullptr : zmq_msg_gets(native_->messages[native_->count - 1].handle(), "Peer-Address");
    return address == nullptr ? std::string() : std::string(address);
}

std::string_view Socket::user() const noexcept {
    const char* user = native_->count == 0 ? nullptr : zmq_msg_gets(native_->messages[native_->count - 1].handle(), "User-Id");
    return user == nullptr ? std::string_view() : std::string_view(user);
}

int Socket::connection() const noexcept {
    return native_->count == 0 ? -1 : zmq_msg_get(native_->messages[native_->count - 1].handle(), ZMQ_SRCFD);
}

void Socket::watch_connections() {
    const std::string endpoint = "inproc://connections-" + std::to_string(descriptor());
    if (zmq_socket_monitor(native_->handle(), endpoint.c_str(), ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) != 0) throw zmq::error_t();
    native_->monitor = zmq::socket_t(native_->context, zmq::socket_type::pair);
    // Without a limit: libzmq's own thread writes here and must not wait. The core reads whatever comes at once.
    native_->monitor.set(zmq::sockopt::rcvhwm, 0);
    native_->monitor.set(zmq::sockopt::linger, 0);
    native_->monitor.connect(endpoint);
}

int Socket::connections_descriptor() const { return native_->monitor.get(zmq::sockopt::fd); }

// zmq_socket_monitor(3): two frames, of which the first is the event (16 bits) and its value (32 bits) in native order.
std::optional<Socket::ConnectionEvent> Socket::next_connection_event() noexcept {
    zmq::message_t head, endpoint;
    if (zmq_msg_recv(head.handle(), native_->monitor.handle(), ZMQ_DONTWAIT) < 0) return std::nullopt;
    zmq_msg_recv(endpoint.handle(), native_->monitor.handle(), ZMQ_DONTWAIT);
    std::uint16_t event = 0;
    std::int32_t value = -1;
    if (head.size() < sizeof event + sizeof value) return std::nullopt;
    std::memcpy(&event, head.data(), sizeof event);
    std::memcpy(&value, static_cast<const std::uint8_t*>(head.data()) + sizeof event, sizeof value);
    return ConnectionEvent{value, event == ZMQ_EVENT_ACCEPTED};
}

Socket::Sent Socket::send(std::span<const SharedSlice> frames) noexcept {
    for (std::size_t at = 0; at < frames.size(); ++at) {
        zmq::message_t message = message_of(frames[at], native_->unsent);
        const int flags = ZMQ_DONTWAIT | (at + 1 < frames.size() ? ZMQ_SNDMORE : 0);
        if (zmq_msg_send(message.handle(), native_->handle(), flags) >= 0) continue;
        if (zmq_errno() == EAGAIN && at == 0) return Sent::full;
        return Sent::gone;
    }
    return Sent::yes;
}

std::size_t Socket::unsent() const noexcept { return *native_->unsent; }

void Socket::admit(std::string_view prefix) noexcept { native_->set_prefix(ZMQ_SUBSCRIBE, prefix); }

void Socket::dismiss(std::string_view prefix) noexcept { native_->set_prefix(ZMQ_UNSUBSCRIBE, prefix); }

void Socket::drop_for_full_peers(bool drop) noexcept {
    const int nodrop = drop ? 0 : 1;
    zmq_setsockopt(native_->handle(), ZMQ_XPUB_NODROP, &nodrop, sizeof nodrop);
}

}  // namespace junctor::zeromq
