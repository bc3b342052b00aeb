#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/clock.hpp"

namespace junctor {

/// Something with a file descriptor that an event loop serves.
class Pollable {
public:
    /// The descriptor may be ready; `events` as epoll_wait(2) gives them.
    virtual void ready(std::uint32_t events) noexcept = 0;
    /// Called at the end of a round in which it was marked dirty.
    virtual void flush() noexcept {}

protected:
    ~Pollable() = default;
};

/// The descriptors of one core, watched level-triggered by one epoll instance.
///
/// Connections stand here rather than in Asio's reactor: an Asio socket with its pending wait holds 592 bytes and costs an
/// epoll_ctl per wait; this holds nothing per descriptor and costs nothing per event.
class Poller {
public:
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    /// Readable when any watched descriptor is ready.
    int descriptor() const noexcept { return epoll_; }

    /// False when the kernel refuses (out of memory or watches).
    bool add(int descriptor, Pollable& pollable, std::uint32_t events) noexcept;
    void change(int descriptor, Pollable& pollable, std::uint32_t events) noexcept;
    /// After it `pollable` is not called any more.
    void remove(int descriptor, const Pollable& pollable) noexcept;

    /// Waits until something is ready, at most for `patience`, without calling anybody. Zero: looks and does not wait. Nothing is looked
    /// for while some of what was found before has still to be called.
    void wait(Duration patience) noexcept;
    /// Calls `ready` of what the last `wait` found; answers how many.
    std::size_t dispatch() noexcept;
    /// From within `ready`: this one and those behind it are called first in the next `dispatch`. Else the kernel, which hands out what is
    /// ready in turns, would take them for served.
    void postpone() noexcept { postponed_ = true; }

private:
    int epoll_;
    std::array<epoll_event, 256> batch_;
    std::size_t batch_size_ = 0;
    std::size_t next_ = 0;  ///< of the batch
    bool postponed_ = false;
};

}  // namespace junctor
