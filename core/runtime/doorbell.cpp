#include "core/runtime/doorbell.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/setup_error.hpp"

namespace junctor {

Doorbell::Doorbell() : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (event_ < 0) throw SetupError("cannot make an event descriptor: " + std::string(std::strerror(errno)));
}

Doorbell::~Doorbell() { ::close(event_); }

// Either the sender sees `sleeping_`, or the sleeper sees the work: each fences between its store and its load.
void Doorbell::ring() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (!sleeping_.load(std::memory_order_relaxed) || !sleeping_.exchange(false, std::memory_order_relaxed)) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(event_, &one, sizeof one);
}

void Doorbell::going_to_sleep() noexcept {
    sleeping_.store(true, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

void Doorbell::wait(Duration patience) noexcept {
    pollfd watched{event_, POLLIN, 0};
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
    ::poll(&watched, 1, static_cast<int>(milliseconds));
}

void Doorbell::ready(std::uint32_t) noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t read = ::read(event_, &count, sizeof count);
}

}  // namespace junctor
