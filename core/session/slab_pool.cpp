#include "core/session/slab_pool.hpp"

#include <new>
#include <utility>

namespace junctor {

namespace {

std::size_t whole_size(const Slab& slab) noexcept { return sizeof(Slab) + slab.capacity; }

void destroy_all(Slab* list) noexcept {
    while (list) SlabPool::destroy(std::exchange(list, list->next));
}

}  // namespace

SlabPool::~SlabPool() {
    destroy_all(small_);
    destroy_all(large_);
}

Slab* SlabPool::take(Slab*& list, std::size_t bytes) noexcept {
    if (!list) {
        Slab* slab = ::new (::operator new(bytes)) Slab;
        slab->capacity = static_cast<std::uint32_t>(bytes - sizeof(Slab));
        return slab;
    }
    Slab* slab = std::exchange(list, list->next);
    cached_ -= bytes;
    const std::uint32_t capacity = slab->capacity;
    return ::new (slab) Slab{.capacity = capacity};
}

void SlabPool::give_back(Slab* slab) noexcept {
    const std::size_t bytes = whole_size(*slab);
    if (cached_ + bytes > cache_limit_) return destroy(slab);
    Slab*& list = bytes == small_bytes ? small_ : large_;
    slab->next = std::exchange(list, slab);
    cached_ += bytes;
}

void SlabPool::destroy(Slab* slab) noexcept { ::operator delete(slab); }

}  // namespace junctor
