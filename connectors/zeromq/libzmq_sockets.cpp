#include "connectors/zeromq/libzmq_sockets.hpp"

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

/// A frame that libzmq has not copied: lives until all peers have been sent it.
struct Lent {
    Lent(const SharedSlice& its_slice, Socket::Held its_unsent, Socket::Held its_held) : slice(its_slice), unsent(std::move(its_unsent)), held(std::move(its_held)) {
        *unsent += slice.bytes.size();
        if (held) *held += slice.bytes.size();
    }
    ~Lent() {
        *unsent -= slice.bytes.size();
        if (held) *held -= slice.bytes.size();
    }

    SharedSlice slice;
    Socket::Held unsent;
    Socket::Held held;
};

// From libzmq's own thread: the counts are atomic.
void release(void*, void* lent) noexcept { delete static_cast<Lent*>(lent); }

void* unconst(Bytes bytes) noexcept { return const_cast<std::uint8_t*>(bytes.data()); }

zmq::message_t message_of(const SharedSlice& slice, const Socket::Held& unsent, const Socket::Held& held) {
    if (slice.bytes.size() <= Template::copy_limit || !slice.owned()) return zmq::message_t(slice.bytes.data(), slice.bytes.size());
    return zmq::message_t(unconst(slice.bytes), slice.bytes.size(), release, new Lent(slice, unsent, held));
}

class LibzmqSocket final : public Socket {
public:
    LibzmqSocket(zmq::context_t& context, Kind kind, const SocketOptions& options);
    ~LibzmqSocket() override;
    LibzmqSocket(const LibzmqSocket&) = delete;
    LibzmqSocket& operator=(const LibzmqSocket&) = delete;

    Result<Address> bind(const Address& address) override;
    int descriptor() const override;
    bool readable() noexcept override;
    bool receive() noexcept override;
    std::span<const Bytes> parts() const noexcept override { return std::span(parts_).first(count_); }
    std::size_t received_bytes() const noexcept override { return bytes_; }
    std::string_view user() const noexcept override;
    int connection() const noexcept override;
    void watch_connections() override;
    int connections_descriptor() const override;
    std::optional<ConnectionEvent> next_connection_event() noexcept override;
    using Socket::send;
    Sent send(std::span<const SharedSlice> frames, const Held& held) noexcept override;
    std::size_t unsent() const noexcept override { return *unsent_; }
    void admit(std::string_view prefix) noexcept override { set_prefix(ZMQ_SUBSCRIBE, prefix); }
    void dismiss(std::string_view prefix) noexcept override { set_prefix(ZMQ_UNSUBSCRIBE, prefix); }
    void drop_for_full_peers(bool drop) noexcept override;
    std::optional<TcpProgress> progress(int connection) const noexcept override { return tcp_progress(connection); }
    void end_connection(int connection) noexcept override { zeromq::end_connection(connection, port_); }

private:
    int receive_one(zmq::message_t& into) noexcept { return zmq_msg_recv(into.handle(), socket_.handle(), ZMQ_DONTWAIT); }
    void set_prefix(int option, std::string_view prefix) noexcept;

    zmq::context_t& context_;
    zmq::socket_t socket_;
    zmq::socket_t monitor_;  ///< of `watch_connections`
    const Held unsent_ = std::make_shared<std::atomic<std::size_t>>(0);
    std::array<zmq::message_t, max_parts> messages_;
    std::array<Bytes, max_parts> parts_;
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
    std::uint16_t port_ = 0;  ///< as bound
};

LibzmqSocket::LibzmqSocket(zmq::context_t& context, Kind kind, const SocketOptions& options) : context_(context), socket_(context, type_of(kind)) {
    set_common(socket_, options);
    if (kind != Kind::zap) set_security(socket_, options);
    set_for_kind(socket_, kind);
}

// libzmq's own thread waits for a listener that has gone: the monitor ends before its listener does.
LibzmqSocket::~LibzmqSocket() {
    if (monitor_.handle() != nullptr) zmq_socket_monitor(socket_.handle(), nullptr, 0);
}

Result<Address> LibzmqSocket::bind(const Address& address) {
    const std::string port = address.port == 0 ? "*" : std::to_string(address.port);
    const bool v6 = address.host.find(':') != std::string::npos;
    socket_.set(zmq::sockopt::ipv6, v6);
    const std::string endpoint = "tcp://" + (v6 ? "[" + address.host + "]" : address.host) + ":" + port;
    if (zmq_bind(socket_.handle(), endpoint.c_str()) != 0) return ErrorCode(zmq_errno(), boost::system::generic_category());
    const std::string bound = socket_.get(zmq::sockopt::last_endpoint);
    port_ = static_cast<std::uint16_t>(std::stoul(bound.substr(bound.rfind(':') + 1)));
    return Address{address.host, port_};
}

int LibzmqSocket::descriptor() const { return socket_.get(zmq::sockopt::fd); }

bool LibzmqSocket::readable() noexcept {
    int events = 0;
    std::size_t size = sizeof events;
    return zmq_getsockopt(socket_.handle(), ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

bool LibzmqSocket::receive() noexcept {
    count_ = 0;
    bytes_ = 0;
    zmq::message_t surplus;
    for (bool more = true; more;) {
        const bool keep = count_ < max_parts;
        zmq::message_t& message = keep ? messages_[count_] : surplus;
        // The other parts of a message are there when its first is.
        if (receive_one(message) < 0) return false;
        more = message.more();
        bytes_ += message.size();
        if (keep) parts_[count_++] = {static_cast<const std::uint8_t*>(message.data()), message.size()};
    }
    return true;
}

std::string_view LibzmqSocket::user() const noexcept {
    const char* user = count_ == 0 ? nullptr : zmq_msg_gets(messages_[count_ - 1].handle(), "User-Id");
    return user == nullptr ? std::string_view() : std::string_view(user);
}

int LibzmqSocket::connection() const noexcept {
    return count_ == 0 ? -1 : zmq_msg_get(messages_[count_ - 1].handle(), ZMQ_SRCFD);
}

void LibzmqSocket::watch_connections() {
    const std::string endpoint = "inproc://connections-" + std::to_string(descriptor());
    if (zmq_socket_monitor(socket_.handle(), endpoint.c_str(), ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) != 0) throw zmq::error_t();
    monitor_ = zmq::socket_t(context_, zmq::socket_type::pair);
    // Without a limit: libzmq's own thread writes here and must not wait. The core reads whatever comes at once.
    monitor_.set(zmq::sockopt::rcvhwm, 0);
    monitor_.set(zmq::sockopt::linger, 0);
    monitor_.connect(endpoint);
}

int LibzmqSocket::connections_descriptor() const { return monitor_.get(zmq::sockopt::fd); }

// zmq_socket_monitor(3): two frames, of which the first is the event (16 bits) and its value (32 bits) in native order.
std::optional<Socket::ConnectionEvent> LibzmqSocket::next_connection_event() noexcept {
    zmq::message_t head, endpoint;
    if (zmq_msg_recv(head.handle(), monitor_.handle(), ZMQ_DONTWAIT) < 0) return std::nullopt;
    zmq_msg_recv(endpoint.handle(), monitor_.handle(), ZMQ_DONTWAIT);
    std::uint16_t event = 0;
    std::int32_t value = -1;
    if (head.size() < sizeof event + sizeof value) return std::nullopt;
    std::memcpy(&event, head.data(), sizeof event);
    std::memcpy(&value, static_cast<const std::uint8_t*>(head.data()) + sizeof event, sizeof value);
    return ConnectionEvent{value, event == ZMQ_EVENT_ACCEPTED};
}

Socket::Sent LibzmqSocket::send(std::span<const SharedSlice> frames, const Held& held) noexcept {
    for (std::size_t at = 0; at < frames.size(); ++at) {
        zmq::message_t message = message_of(frames[at], unsent_, held);
        const int flags = ZMQ_DONTWAIT | (at + 1 < frames.size() ? ZMQ_SNDMORE : 0);
        if (zmq_msg_send(message.handle(), socket_.handle(), flags) >= 0) continue;
        if (zmq_errno() == EAGAIN && at == 0) return Sent::full;
        return Sent::gone;
    }
    return Sent::yes;
}

void LibzmqSocket::set_prefix(int option, std::string_view prefix) noexcept {
    const int failed = zmq_setsockopt(socket_.handle(), option, prefix.data(), prefix.size());
    assert(failed == 0);
    static_cast<void>(failed);
}

void LibzmqSocket::drop_for_full_peers(bool drop) noexcept {
    const int nodrop = drop ? 0 : 1;
    zmq_setsockopt(socket_.handle(), ZMQ_XPUB_NODROP, &nodrop, sizeof nodrop);
}

}  // namespace

struct LibzmqSockets::Native {
    zmq::context_t context{1};
};

LibzmqSockets::LibzmqSockets() : native_(std::make_unique<Native>()) {}
LibzmqSockets::~LibzmqSockets() = default;

std::unique_ptr<Socket> LibzmqSockets::make(Socket::Kind kind, const SocketOptions& options) {
    return std::make_unique<LibzmqSocket>(native_->context, kind, options);
}

std::string curve_public_key(const std::string& secret_key) {
    std::array<char, 41> public_key{};
    if (secret_key.size() != 40 || zmq_curve_public(public_key.data(), secret_key.c_str()) != 0) return {};
    return public_key.data();
}

}  // namespace junctor::zeromq
