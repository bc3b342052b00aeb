#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace junctor {

/// A bounded first-in-first-out path from one thread to one other. Memory is touched only where it is used.
template <class T>
class SpscRing {
public:
    /// Rounded up to a power of two.
    explicit SpscRing(std::size_t capacity)
        : capacity_(std::bit_ceil(capacity)), room_(static_cast<T*>(::operator new(sizeof(T) * capacity_))) {}
    ~SpscRing() {
        drain([](T&&) noexcept {});
        ::operator delete(room_);
    }
    SpscRing(const SpscRing&) = delete;
    SpscRing& operator=(const SpscRing&) = delete;

    /// The sender's: moves in as many of `items` as fit, from the front, visible to the receiver all at once; answers how many.
    std::size_t push(std::span<T> items) noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        const std::size_t free = capacity_ - (tail - head_.load(std::memory_order_acquire));
        const std::size_t count = std::min(free, items.size());
        for (std::size_t i = 0; i < count; ++i) ::new (&room_[(tail + i) % capacity_]) T(std::move(items[i]));
        tail_.store(tail + count, std::memory_order_release);
        return count;
    }

    /// The receiver's: hands over what is there now, in order; answers how many.
    template <class Each>
    std::size_t drain(Each&& each) noexcept {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        const std::size_t count = tail_.load(std::memory_order_acquire) - head;
        for (std::size_t i = 0; i < count; ++i) {
            T& item = room_[(head + i) % capacity_];
            each(std::move(item));
            item.~T();
        }
        head_.store(head + count, std::memory_order_release);
        return count;
    }

    bool empty() const noexcept { return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire); }

private:
    const std::size_t capacity_;
    T* const room_;
    alignas(64) std::atomic<std::size_t> head_{0};  ///< the receiver's: a cache line of its own
    alignas(64) std::atomic<std::size_t> tail_{0};  ///< the sender's
};

}  // namespace junctor
