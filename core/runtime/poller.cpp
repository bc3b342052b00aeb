#include "core/runtime/poller.hpp"

#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "core/base/setup_error.hpp"

namespace junctor {

namespace {

epoll_event event_for(Pollable& pollable, std::uint32_t events) noexcept {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &pollable;
    return event;
}

}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw SetupError("cannot watch descriptors: " + std::string(std::strerror(errno)));
}

Poller::~Poller() { ::close(epoll_); }

bool Poller::add(int descriptor, Pollable& pollable, std::uint32_t events) noexcept {
    epoll_event event = event_for(pollable, events);
    return epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Poller::change(int descriptor, Pollable& pollable, std::uint32_t events) noexcept {
    epoll_event event = event_for(pollable, events);
    [[maybe_unused]] const int failed = epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
    assert(!failed);
}

void Poller::remove(int descriptor, const Pollable& pollable) noexcept {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
    for (std::size_t i = 0; i < batch_size_; ++i)
        if (batch_[i].data.ptr == &pollable) batch_[i].data.ptr = nullptr;
}

void Poller::wait(Duration patience) noexcept {
    if (next_ < batch_size_) return;
    next_ = 0;
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
    const int count = epoll_wait(epoll_, batch_.data(), static_cast<int>(batch_.size()), static_cast<int>(milliseconds));
    batch_size_ = count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t Poller::dispatch() noexcept {
    const std::size_t first = next_;
    postponed_ = false;
    while (next_ < batch_size_ && !postponed_) {
        const epoll_event& event = batch_[next_++];
        if (auto* pollable = static_cast<Pollable*>(event.data.ptr)) pollable->ready(event.events);
    }
    const std::size_t called = next_ - first;
    if (postponed_) --next_;
    return called;
}

}  // namespace junctor
