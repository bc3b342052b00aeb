// What a bare send() costs: a program that does nothing but write one small packet to each of 100 loopback connections, then waits for one byte
// that says that all have arrived. No server can deliver one message at a time for less. Built when asked for, in the release preset.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

namespace {

constexpr std::size_t connections = 100;
constexpr std::size_t rounds = 20'000;
constexpr std::size_t packet_bytes = 82;  // an MQTT 3.1.1 PUBLISH of 64 bytes to a topic of 14

int checked(int result, const char* what) {
    if (result < 0) {
        std::fprintf(stderr, "send_bench: %s: %s\n", what, std::strerror(errno));
        std::exit(1);
    }
    return result;
}

void stay_on(std::size_t processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    checked(sched_setaffinity(0, sizeof set, &set), "cannot choose a processor");
}

double cpu_microseconds() {
    timespec spent{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) * 1e6 + static_cast<double>(spent.tv_nsec) / 1e3;
}

void send_at_once(int socket) {
    const int on = 1;
    checked(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
}

/// The other process: reads all connections, and tells the first when a round is complete.
[[noreturn]] void receive(sockaddr_in address) {
    stay_on(1);
    const int poller = checked(epoll_create1(0), "epoll_create1");
    std::vector<int> sockets;
    for (std::size_t i = 0; i < connections; ++i) {
        sockets.push_back(checked(socket(AF_INET, SOCK_STREAM, 0), "socket"));
        checked(connect(sockets.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
        send_at_once(sockets.back());
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = sockets.back();
        checked(epoll_ctl(poller, EPOLL_CTL_ADD, sockets.back(), &event), "epoll_ctl");
    }
    std::size_t received = connections * packet_bytes;
    std::array<char, 65536> bytes;
    for (;;) {
        if (received >= connections * packet_bytes) {
            received -= connections * packet_bytes;
            if (send(sockets.front(), "x", 1, MSG_NOSIGNAL) < 0) std::exit(0);
        }
        std::array<epoll_event, connections> events;
        const int ready = checked(epoll_wait(poller, events.data(), static_cast<int>(events.size()), -1), "epoll_wait");
        for (int i = 0; i < ready; ++i) {
            const auto count = read(events[static_cast<std::size_t>(i)].data.fd, bytes.data(), bytes.size());
            if (count <= 0) std::exit(0);
            received += static_cast<std::size_t>(count);
        }
    }
}

int listen_on_loopback(sockaddr_in& address) {
    const int listener = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    checked(bind(listener, reinterpret_cast<const sockaddr*>(&address), size), "bind");
    checked(listen(listener, static_cast<int>(connections)), "listen");
    checked(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    return listener;
}

double microseconds_per_send(const std::vector<int>& sockets) {
    const std::array<char, packet_bytes> packet{};
    std::array<char, 16> told;
    const double started = cpu_microseconds();
    for (std::size_t round = 0; round < rounds; ++round) {
        checked(static_cast<int>(read(sockets.front(), told.data(), told.size())), "read");
        for (const int socket : sockets) checked(static_cast<int>(send(socket, packet.data(), packet.size(), MSG_NOSIGNAL)), "send");
    }
    return (cpu_microseconds() - started) / static_cast<double>(rounds * connections);
}

}  // namespace

int main() {
    sockaddr_in address{};
    const int listener = listen_on_loopback(address);
    if (checked(fork(), "fork") == 0) receive(address);
    stay_on(0);
    std::vector<int> sockets;
    for (std::size_t i = 0; i < connections; ++i) {
        sockets.push_back(checked(accept(listener, nullptr, nullptr), "accept"));
        send_at_once(sockets.back());
    }
    std::printf("a bare send, one at a time to each of %zu connections: %.3f us of CPU\n", connections, microseconds_per_send(sockets));
    for (const int socket : sockets) close(socket);
    wait(nullptr);
}
