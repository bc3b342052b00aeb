#include "core/runtime/acceptor.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "core/runtime/stream_set.hpp"

namespace junctor {

namespace {

constexpr int batch = 16;  // connections accepted in one round
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
        if (!set_.in_time()) return pause();
    }
}

bool Acceptor::accept_one() noexcept {
    const int descriptor = accept4(socket_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
        set_.accept(descriptor, endpoint_);
        return true;
    }
    if (errno == ECONNABORTED || errno == EINTR) return true;
    if ((errno == EMFILE || errno == ENFILE) && turn_away_one()) return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
        set_.metrics().add(endpoint_.refused);
        pause();
    }
    return false;
}

/// Out of descriptors: takes one who waits by the reserved one, and ends that connection in good order. False when that failed too.
bool Acceptor::turn_away_one() noexcept {
    ReservedDescriptor& reserved = set_.reserved();
    reserved.renew();
    if (!reserved.give_up()) return false;
    const int descriptor = accept4(socket_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int error = errno;
    if (descriptor >= 0) {
        set_.metrics().add(endpoint_.refused);
        shutdown(descriptor, SHUT_WR);
        ::close(descriptor);
    }
    reserved.renew();
    errno = error;
    return descriptor >= 0;
}

void Acceptor::pause() noexcept {
    set_.loop().poller().change(socket_.descriptor(), *this, 0);
    set_.loop().core().timers().arm(*this, set_.loop().core().now() + pause_length);
}

void Acceptor::expired(TimePoint) noexcept { set_.loop().poller().change(socket_.descriptor(), *this, EPOLLIN); }

}  // namespace junctor
