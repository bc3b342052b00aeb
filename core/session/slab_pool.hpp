#pragma once

#include <cstddef>
#include <cstdint>

namespace junctor {

/// A block of memory of an outbound queue; its room follows the header.
struct Slab {
    Slab* next = nullptr;
    std::uint32_t capacity = 0;
    std::uint32_t filled = 0;  ///< room in use, from the front
    std::uint32_t read = 0;    ///< where the first record stands that has not been consumed
    std::uint32_t last = 0;    ///< where the last record stands
    bool open = false;         ///< the last record is of copied bytes and ends at `filled`: it may grow, and does not know its size yet

    std::uint8_t* room() noexcept { return reinterpret_cast<std::uint8_t*>(this + 1); }
    const std::uint8_t* room() const noexcept { return reinterpret_cast<const std::uint8_t*>(this + 1); }
};

/// The slabs of one core that no queue uses now. A small one begins a queue (most hold one message), large ones follow.
class SlabPool {
public:
    static constexpr std::size_t small_bytes = 512;
    static constexpr std::size_t large_bytes = 16 << 10;

    /// Keeps at most `cache_limit` bytes; what comes back beyond that is freed.
    explicit SlabPool(std::size_t cache_limit = 8 << 20) noexcept : cache_limit_(cache_limit) {}
    ~SlabPool();
    SlabPool(const SlabPool&) = delete;
    SlabPool& operator=(const SlabPool&) = delete;

    Slab* take_small() noexcept { return take(small_, small_bytes); }
    Slab* take_large() noexcept { return take(large_, large_bytes); }
    void give_back(Slab* slab) noexcept;
    static void destroy(Slab* slab) noexcept;

    std::size_t cached() const noexcept { return cached_; }

private:
    Slab* take(Slab*& list, std::size_t bytes) noexcept;

    Slab* small_ = nullptr;
    Slab* large_ = nullptr;
    std::size_t cached_ = 0;
    std::size_t cache_limit_;
};

}  // namespace junctor
