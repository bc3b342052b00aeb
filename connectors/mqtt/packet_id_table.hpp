#pragma once

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace junctor::mqtt {

/// Values by packet identifier, which is never 0: one allocation that grows with use, every call in constant time. Identifiers that
/// are given in a row are spread so evenly that they hardly ever collide.
template <class Value>
class PacketIdTable {
public:
    std::size_t size() const noexcept { return size_; }

    /// Valid until the next `add` or `erase`; null for an identifier that is not there.
    Value* find(std::uint16_t id) noexcept {
        const std::size_t at = place_of(id);
        return holds(at, id) ? &slots_[at].value : nullptr;
    }
    const Value* find(std::uint16_t id) const noexcept { return const_cast<PacketIdTable*>(this)->find(id); }

    /// The identifier is not there yet.
    void add(std::uint16_t id, Value value) noexcept {
        // At most half full: what a peer chooses so that it collides stays cheap.
        if (2 * (size_ + 1) > slots_.size()) grow();
        slots_[place_of(id)] = {id, std::move(value)};
        ++size_;
    }

    /// Nothing for an identifier that is not there.
    void erase(std::uint16_t id) noexcept {
        std::size_t hole = place_of(id);
        if (!holds(hole, id)) return;
        --size_;
        // What was pushed behind the hole by it moves up.
        for (std::size_t at = next(hole); slots_[at].id != 0; at = next(at)) {
            if (distance(home_of(slots_[at].id), at) < distance(hole, at)) continue;
            slots_[hole] = std::move(slots_[at]);
            hole = at;
        }
        slots_[hole] = {};
        // Nothing at rest: a burst leaves no large table behind.
        if (size_ == 0 && slots_.size() > kept_size) slots_ = {};
    }

    /// Hands every value to `each` and is empty then.
    template <class Each>
    void take_all(Each&& each) {
        for (Slot& slot : slots_)
            if (slot.id != 0) each(std::move(slot.value));
        slots_ = {};
        size_ = 0;
    }

private:
    struct Slot {
        std::uint16_t id = 0;
        Value value{};
    };
    static constexpr std::size_t first_size = 8;
    static constexpr std::size_t kept_size = 64;

    bool holds(std::size_t at, std::uint16_t id) const noexcept { return id != 0 && at < slots_.size() && slots_[at].id == id; }
    std::size_t mask() const noexcept { return slots_.size() - 1; }
    /// Knuth's multiplicative hashing by the golden ratio.
    std::size_t home_of(std::uint16_t id) const noexcept {
        return std::uint32_t{id} * 0x9E37'79B1U >> std::countl_zero(static_cast<std::uint32_t>(mask()));
    }
    std::size_t next(std::size_t at) const noexcept { return (at + 1) & mask(); }
    std::size_t distance(std::size_t from, std::size_t to) const noexcept { return (to - from) & mask(); }

    /// Where the identifier stands, or would stand.
    std::size_t place_of(std::uint16_t id) const noexcept {
        if (slots_.empty()) return 0;
        std::size_t at = home_of(id);
        while (slots_[at].id != 0 && slots_[at].id != id) at = next(at);
        return at;
    }

    void grow() {
        std::vector<Slot> old = std::exchange(slots_, {});
        slots_.resize(old.empty() ? first_size : 2 * old.size());
        for (Slot& slot : old)
            if (slot.id != 0) slots_[place_of(slot.id)] = std::move(slot);
    }

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

}  // namespace junctor::mqtt
