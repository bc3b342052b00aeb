#include "tests/bench/generator/client_loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

namespace bench {

ClientLoop::ClientLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(std::size_t{1} << 20) {}

ClientLoop::~ClientLoop() {
    ::close(epoll_);
}

void ClientLoop::watch(Connection& connection, int operation, bool for_writing) const {
    epoll_event event{};
    event.events = EPOLLIN | (for_writing ? unsigned{EPOLLOUT} : 0U);
    event.data.ptr = &connection;
    if (::epoll_ctl(epoll_, operation, connection.descriptor(), &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

void ClientLoop::add(Connection& connection) {
    watch(connection, EPOLL_CTL_ADD, false);
    flush(connection);
}

void ClientLoop::flush(Connection& connection) {
    connection.flush();
    if (connection.has_output()) watch(connection, EPOLL_CTL_MOD, true);
}

void ClientLoop::poll(std::chrono::nanoseconds patience) {
    std::array<epoll_event, 256> events;
    const timespec time{patience.count() / 1'000'000'000, patience.count() % 1'000'000'000};
    const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &time, nullptr);
    for (int index = 0; index < count; ++index) {
        const epoll_event& event = events[static_cast<std::size_t>(index)];
        auto& connection = *static_cast<Connection*>(event.data.ptr);
        if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) connection.read(buffer_);
        const bool was_blocked = (event.events & EPOLLOUT) != 0;
        if (!connection.has_output() && !was_blocked) continue;
        flush(connection);
        if (was_blocked && !connection.has_output()) watch(connection, EPOLL_CTL_MOD, false);
    }
}

}  // namespace bench
