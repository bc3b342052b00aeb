#include "connectors/zeromq/tcp_progress.hpp"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>

namespace junctor::zeromq {

std::optional<TcpProgress> tcp_progress(int descriptor) noexcept {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
    if (size < offsetof(tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) return std::nullopt;
    int waiting = 0;
    if (ioctl(descriptor, SIOCOUTQ, &waiting) != 0) return std::nullopt;
    return TcpProgress{info.tcpi_bytes_acked, static_cast<std::uint32_t>(waiting)};
}

void end_connection(int descriptor, std::uint16_t port) noexcept {
    sockaddr_in6 local{};  // both families have the port at the same place
    socklen_t size = sizeof local;
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &size) == 0 && ntohs(local.sin6_port) == port) shutdown(descriptor, SHUT_RDWR);
}

}  // namespace junctor::zeromq
