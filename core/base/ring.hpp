#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace junctor {

/// A first-in-first-out list in one block of memory that grows by doubling, and is given back when the list becomes empty: at rest
/// it holds nothing.
template <class T>
class Ring {
public:
    Ring() = default;
    Ring(Ring&& other) noexcept
        : places_(std::move(other.places_)),
          capacity_(std::exchange(other.capacity_, 0)),
          first_(std::exchange(other.first_, 0)),
          size_(std::exchange(other.size_, 0)) {}
    Ring& operator=(Ring&& other) noexcept {
        std::swap(places_, other.places_);
        std::swap(capacity_, other.capacity_);
        std::swap(first_, other.first_);
        std::swap(size_, other.size_);
        return *this;
    }

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    /// 0 is the oldest.
    T& operator[](std::size_t index) noexcept { return places_[place(index)]; }
    const T& operator[](std::size_t index) const noexcept { return places_[place(index)]; }
    T& front() noexcept { return (*this)[0]; }
    const T& front() const noexcept { return (*this)[0]; }
    T& back() noexcept { return (*this)[size_ - 1]; }

    void push_back(T value) {
        if (size_ == capacity_) grow();
        places_[place(size_++)] = std::move(value);
    }

    T pop_front() noexcept {
        assert(size_ > 0);
        T value = std::move(places_[first_]);
        places_[first_] = T();
        first_ = (first_ + 1) & (capacity_ - 1);
        if (--size_ == 0) clear();
        return value;
    }

    void clear() noexcept {
        places_.reset();
        capacity_ = first_ = size_ = 0;
    }

private:
    static constexpr std::uint32_t smallest = 4;

    std::size_t place(std::size_t index) const noexcept {
        assert(index < capacity_);
        return (first_ + index) & (capacity_ - 1);
    }

    void grow() {
        const std::uint32_t capacity = capacity_ == 0 ? smallest : capacity_ * 2;
        auto places = std::make_unique<T[]>(capacity);
        for (std::uint32_t i = 0; i < size_; ++i) places[i] = std::move((*this)[i]);
        places_ = std::move(places);
        capacity_ = capacity;
        first_ = 0;
    }

    std::unique_ptr<T[]> places_;
    std::uint32_t capacity_ = 0;  ///< a power of two, or 0
    std::uint32_t first_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace junctor
