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

Poller::Watch::Watch() : epoll(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll < 0) throw SetupError("cannot watch descriptors: " + std::string(std::strerror(errno)));
}

Poller::Watch::~Watch() { ::close(epoll); }

void Poller::Watch::look(Duration patience) noexcept {
    next = 0;
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
    const int count = epoll_wait(epoll, batch.data(), static_cast<int>(batch.size()), static_cast<int>(milliseconds));
    size = count > 0 ? static_cast<std::size_t>(count) : 0;
}

void Poller::Watch::forget(const Pollable& pollable) noexcept {
    for (std::size_t i = 0; i < size; ++i)
        if (batch[i].data.ptr == &pollable) batch[i].data.ptr = nullptr;
}

Poller::Poller() {
    epoll_event any_bulk{};
    any_bulk.events = EPOLLIN;
    any_bulk.data.ptr = &bulk_;
    if (epoll_ctl(prompt_.epoll, EPOLL_CTL_ADD, bulk_.epoll, &any_bulk) != 0)
        throw SetupError("cannot watch descriptors: " + std::string(std::strerror(errno)));
}

bool Poller::add(int descriptor, Pollable& pollable, std::uint32_t events, Lane lane) noexcept {
    epoll_event event = event_for(pollable, events);
    return epoll_ctl(of(lane).epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Poller::change(int descriptor, Pollable& pollable, std::uint32_t events, Lane lane) noexcept {
    epoll_event event = event_for(pollable, events);
    [[maybe_unused]] const int failed = epoll_ctl(of(lane).epoll, EPOLL_CTL_MOD, descriptor, &event);
    assert(!failed);
}

void Poller::remove(int descriptor, const Pollable& pollable, Lane lane) noexcept {
    epoll_ctl(of(lane).epoll, EPOLL_CTL_DEL, descriptor, nullptr);
    of(lane).forget(pollable);
}

void Poller::wait(Duration patience) noexcept {
    if (!prompt_.left_over()) prompt_.look(bulk_.left_over() ? Duration::zero() : patience);
}

std::size_t Poller::dispatch() noexcept {
    const std::size_t prompt = dispatch(prompt_);
    return prompt + dispatch(bulk_);
}

std::size_t Poller::dispatch(Watch& watch) noexcept {
    std::size_t called = 0;
    postponed_ = false;
    while (watch.left_over()) {
        const epoll_event& event = watch.batch[watch.next];
        if (event.data.ptr == &bulk_) {
            if (!bulk_.left_over()) bulk_.look(Duration::zero());
        } else if (auto* pollable = static_cast<Pollable*>(event.data.ptr)) {
            pollable->ready(event.events);
            ++called;
        }
        if (postponed_) return called;
        ++watch.next;
    }
    return called;
}

}  // namespace junctor
