#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

namespace junctor {

/// Finds 32-bit numbers (of a NodePool) by the hash of what they stand for: open addressing, linear probing, eight bytes a place.
/// The caller compares keys; the index keeps 32 bits of the hash to make that rare. Number 0 is not storable.
class HashIndex {
public:
    /// The number whose hash is `hash` and for which `same(number)` holds; 0 without.
    template <class Same>
    std::uint32_t find(std::uint32_t hash, Same&& same) const noexcept {
        if (places_.empty()) return 0;
        for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
            const Place& place = places_[at];
            if (place.number == 0) return 0;
            if (place.hash == hash && same(place.number)) return place.number;
        }
    }

    void add(std::uint32_t hash, std::uint32_t number) {
        assert(number != 0);
        if ((size_ + 1) * 4 > places_.size() * 3) grow();
        put({hash, number});
        ++size_;
    }

    void remove(std::uint32_t hash, std::uint32_t number) noexcept {
        std::size_t hole = hash & mask();
        while (places_[hole].number != number) {
            assert(places_[hole].number != 0);
            hole = (hole + 1) & mask();
        }
        --size_;
        // Those behind move up into the hole unless they would then stand before their own place.
        for (std::size_t at = (hole + 1) & mask(); places_[at].number != 0; at = (at + 1) & mask()) {
            if (((at - places_[at].hash) & mask()) < ((at - hole) & mask())) continue;
            places_[hole] = places_[at];
            hole = at;
        }
        places_[hole] = {};
    }

    std::size_t size() const noexcept { return size_; }

    /// In no order that means anything.
    template <class Each>
    void for_each(Each&& each) const {
        for (const Place& place : places_)
            if (place.number != 0) each(place.number);
    }

private:
    struct Place {
        std::uint32_t hash = 0;
        std::uint32_t number = 0;
    };

    std::size_t mask() const noexcept { return places_.size() - 1; }

    void put(Place place) noexcept {
        std::size_t at = place.hash & mask();
        while (places_[at].number != 0) at = (at + 1) & mask();
        places_[at] = place;
    }

    void grow() {
        std::vector<Place> old = std::move(places_);
        places_.assign(old.empty() ? 16 : old.size() * 2, {});
        for (const Place& place : old)
            if (place.number != 0) put(place);
    }

    std::vector<Place> places_;
    std::size_t size_ = 0;
};

}  // namespace junctor
