#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/ports/template.hpp"
#include "core/session/slab_pool.hpp"

namespace junctor {

/// Bytes on their way out of one connection: small pieces copied into slabs, large shared ones held by reference, in order.
/// Its memory is the pool's and goes back as it drains. All calls take the pool of the core it is on.
class OutboundQueue {
public:
    OutboundQueue() = default;
    OutboundQueue(OutboundQueue&& other) noexcept
        : head_(std::exchange(other.head_, nullptr)), tail_(other.tail_), size_(std::exchange(other.size_, 0)), skip_(other.skip_) {}
    OutboundQueue& operator=(OutboundQueue&& other) noexcept;
    ~OutboundQueue();

    /// Copies `bytes`.
    void append(SlabPool& pool, Bytes bytes) noexcept;
    /// Copies `head` and `middle`; `tail` too, unless it is owned and longer than Template::copy_limit: then it is referenced.
    void append(SlabPool& pool, Bytes head, Bytes middle, const SharedSlice& tail) noexcept;

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }

    /// Describes the first bytes in at most `most` pieces; answers how many it wrote. Valid until the next call that changes the queue.
    std::size_t gather(iovec* into, std::size_t most) const noexcept;

    /// Forgets the first `count` bytes, at most all.
    void consume(SlabPool& pool, std::size_t count) noexcept;
    void clear(SlabPool& pool) noexcept { consume(pool, size()); }

private:
    void copy(SlabPool& pool, Bytes bytes) noexcept;
    void refer(SlabPool& pool, const SharedSlice& slice) noexcept;
    Slab& slab_with_room(SlabPool& pool, std::size_t bytes) noexcept;
    void drop_first_slab(SlabPool& pool) noexcept;

    Slab* head_ = nullptr;
    Slab* tail_ = nullptr;    ///< valid while there is a head
    std::size_t size_ = 0;
    std::uint32_t skip_ = 0;  ///< bytes of the first record that have been consumed
};

}  // namespace junctor
