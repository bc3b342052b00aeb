#include "core/runtime/acceptor.hpp"

#include <poll.h>
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
    if (set_.calm()) sheds_ = false;
    for (int i = 0; i < batch; ++i) {
        if (set_.crowded()) return pause();
        if (!accept_one()) return;
    }
}

/// False when that was the last one for now.
bool Acceptor::accept_one() noexcept {
    const bool in_time = set_.in_time();
    if (!in_time && !out_of_patience()) {
        wait();
        return false;
    }
    const int descriptor = accept4(socket_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
        in_time ? set_.accept(descriptor, endpoint_) : set_.turn_away(descriptor, endpoint_);
        return true;
    }
    if (errno == ECONNABORTED || errno == EINTR) return true;
    if ((errno == EMFILE || errno == ENFILE) && turn_away_one()) return true;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        waiting_since_.reset();
        return false;
    }
    set_.metrics().add(endpoint_.refused);
    pause();
    return false;
}

bool Acceptor::out_of_patience() noexcept {
    sheds_ = sheds_ || (waiting_since_ && set_.loop().core().now() - *waiting_since_ >= patience);
    return sheds_;
}

/// Until the next one may come; at once where nobody waits.
void Acceptor::wait() noexcept {
    pollfd queue{socket_.descriptor(), POLLIN, 0};
    if (poll(&queue, 1, 0) == 0) return waiting_since_.reset();
    if (!waiting_since_) waiting_since_ = set_.loop().core().now();
    pause();
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
