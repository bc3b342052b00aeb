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
    /// Every dispatch calls the ready ones of `prompt` before those of `bulk`.
    enum class Lane : std::uint8_t { prompt, bulk };

    Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    /// Readable when any watched descriptor is ready.
    int descriptor() const noexcept { return prompt_.epoll; }

    /// False when the kernel refuses (out of memory or watches).
    bool add(int descriptor, Pollable& pollable, std::uint32_t events, Lane lane = Lane::prompt) noexcept;
    /// `lane`: the one to which it was added.
    void change(int descriptor, Pollable& pollable, std::uint32_t events, Lane lane = Lane::prompt) noexcept;
    /// After it `pollable` is not called any more.
    void remove(int descriptor, const Pollable& pollable, Lane lane = Lane::prompt) noexcept;

    /// Waits until something is ready, at most for `patience`, without calling anybody. Zero: looks and does not wait. Nothing is looked
    /// for in a lane while some of what was found there before has still to be called.
    void wait(Duration patience) noexcept;
    /// Calls `ready` of what the last `wait` found; answers how many.
    std::size_t dispatch() noexcept;
    /// From within `ready`: this one and those behind it in its lane are called first there in the next `dispatch`. Else the kernel, which
    /// hands out what is ready in turns, would take them for served.
    void postpone() noexcept { postponed_ = true; }

private:
    /// What one epoll instance watches, and what it has found of it.
    struct Watch {
        Watch();
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

        bool left_over() const noexcept { return next < size; }
        void look(Duration patience) noexcept;
        void forget(const Pollable& pollable) noexcept;

        int epoll;
        std::array<epoll_event, 256> batch;
        std::size_t size = 0;
        std::size_t next = 0;  ///< of the batch
    };

    Watch& of(Lane lane) noexcept { return lane == Lane::bulk ? bulk_ : prompt_; }
    std::size_t dispatch(Watch& watch) noexcept;

    Watch prompt_;  ///< and the other's epoll instance as one of its descriptors
    Watch bulk_;
    bool postponed_ = false;
};

}  // namespace junctor
