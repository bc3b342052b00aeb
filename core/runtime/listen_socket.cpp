#include "core/runtime/listen_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/setup_error.hpp"
#include "core/runtime/port_holder.hpp"

namespace junctor {

namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress socket_address(const Address& address) {
    SocketAddress result;
    auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
    if (inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(address.port);
        result.size = sizeof v4;
        return result;
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
    if (inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) != 1) throw SetupError("'" + address.host + "' is not a numeric address");
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    result.size = sizeof v6;
    return result;
}

[[noreturn]] void fail(const Address& address, int error) {
    const std::string place = "cannot listen on " + address.text() + ": ";
    if (error == EADDRINUSE) {
        const std::string holder = port_holder(address);
        throw SetupError(place + (holder.empty() ? "the address is in use by another process" : "it is in use by " + holder));
    }
    if (error == EADDRNOTAVAIL) throw SetupError(place + "this machine has no such address");
    if (error == EMFILE) throw SetupError(place + "no descriptor is left: raise the limit of open files (ulimit -n, or LimitNOFILE= of the service)");
    if (error == EACCES) throw SetupError(place + "ports below 1024 need root or CAP_NET_BIND_SERVICE");
    throw SetupError(place + std::strerror(error));
}

void set_option(int descriptor, int level, int option, int value = 1) noexcept {
    setsockopt(descriptor, level, option, &value, sizeof value);
}

/// Connections inherit these. A peer that vanished without a word is noticed within two minutes, whatever its protocol.
void set_inherited_options(int descriptor) noexcept {
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY);
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

int bound_socket(const Address& address, bool shared) {
    const SocketAddress socket = socket_address(address);
    const int descriptor = ::socket(socket.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail(address, errno);
    set_option(descriptor, SOL_SOCKET, SO_REUSEADDR);
    if (shared) set_option(descriptor, SOL_SOCKET, SO_REUSEPORT);
    if (socket.storage.ss_family == AF_INET6) set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY);
    set_inherited_options(descriptor);
    if (bind(descriptor, socket.get(), socket.size) == 0) return descriptor;
    const int error = errno;
    ::close(descriptor);
    fail(address, error);
}

std::uint16_t port_of(int descriptor) noexcept {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
    // The port stands at the same place in both families.
    return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

void start_listening(int descriptor, const Address& address) {
    if (listen(descriptor, SOMAXCONN) != 0) fail(address, errno);
}

}  // namespace

ListenSocket::~ListenSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Address ListenSocket::claim(const Address& address) {
    const ListenSocket probe(bound_socket(address, false));
    const Address claimed{address.host, port_of(probe.descriptor())};
    start_listening(probe.descriptor(), claimed);
    return claimed;
}

ListenSocket ListenSocket::open(const Address& address) {
    ListenSocket socket(bound_socket(address, true));
    start_listening(socket.descriptor(), address);
    return socket;
}

}  // namespace junctor
