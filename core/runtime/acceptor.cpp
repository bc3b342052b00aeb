#include "core/runtime/acceptor.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "core/runtime/stream_set.hpp"

namespace junctor {

namespace {

constexpr int batch = 64;  // connections accepted in one round
constexpr Duration pause_length = std::chrono::milliseconds(100);

}  // namespace

Acceptor::Acceptor(StreamSet& set, Endpoint& endpoint, ListenSocket socket) noexcept
    : set_(set), endpoint_(endpoint), socket_(std::move(socket)) {
    set_.loop().poller().add(socket_.descriptor(), *this, EPOLLIN);
}

Acceptor::~Acceptor() { set_.loop().poller().remove(socket_.descriptor(), *this); }

void Acceptor::ready(std::uint32_t) noexcept {
    for (int i = 0; i < batch; ++i) {
        if (set_.crowded()) return pause();
        if (!accept_one()) return;
    }
}

bool Acceptor::accept_one() noexcept {
    const int descriptor = accept4(socket_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
        set_.accept(descriptor, endpoint_);
        return true;
    }
    if (errno == ECONNABORTED || errno == EINTR) return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
        set_.metrics().add(endpoint_.refused);
        pause();
    }
    return false;
}

void Acceptor::pause() noexcept {
    set_.loop().poller().change(socket_.descriptor(), *this, 0);
    set_.loop().core().timers().arm(*this, set_.loop().core().now() + pause_length);
}

void Acceptor::expired(TimePoint) noexcept { set_.loop().poller().change(socket_.descriptor(), *this, EPOLLIN); }

}  // namespace junctor
