#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <vector>

namespace junctor {

/// Many small values of one type, named by 32-bit numbers instead of pointers. Grows by blocks: nothing moves, no slack from
/// doubling. `Link` is the member that holds the next free number while a value is not in use. 0 names nothing.
template <class T, std::uint32_t T::*Link>
class NodePool {
public:
    std::uint32_t add() {
        if (first_free_ == 0) grow();
        const std::uint32_t id = first_free_;
        T& value = (*this)[id];
        first_free_ = value.*Link;
        value = T{};
        ++size_;
        return id;
    }

    void remove(std::uint32_t id) noexcept {
        (*this)[id].*Link = first_free_;
        first_free_ = id;
        --size_;
    }

    T& operator[](std::uint32_t id) noexcept { return blocks_[id / block_size][id % block_size]; }
    const T& operator[](std::uint32_t id) const noexcept { return blocks_[id / block_size][id % block_size]; }
    std::size_t size() const noexcept { return size_; }

private:
    static constexpr std::uint32_t block_size = 512;

    void grow() {
        const auto first = static_cast<std::uint32_t>(blocks_.size() * block_size);
        assert(first < UINT32_MAX - block_size);
        blocks_.push_back(std::make_unique<T[]>(block_size));
        for (std::uint32_t id = first + block_size; id-- > first;) {
            if (id == 0) continue;
            (*this)[id].*Link = first_free_;
            first_free_ = id;
        }
    }

    std::vector<std::unique_ptr<T[]>> blocks_;
    std::uint32_t first_free_ = 0;
    std::size_t size_ = 0;
};

}  // namespace junctor
