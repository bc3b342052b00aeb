#include "core/session/outbound.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace junctor {

namespace {

// A slab's room is a run of records, each aligned to 8 bytes: this header, then `size` bytes, or a SharedSlice.
struct Record {
    std::uint32_t size;
    bool shared;
};

constexpr std::size_t record_alignment = alignof(SharedSlice);
static_assert(sizeof(Record) % record_alignment == 0);

constexpr std::uint32_t aligned(std::size_t offset) noexcept {
    return static_cast<std::uint32_t>((offset + record_alignment - 1) / record_alignment * record_alignment);
}

Record& record_at(Slab& slab, std::size_t offset) noexcept { return *reinterpret_cast<Record*>(slab.room() + offset); }

const Record& record_at(const Slab& slab, std::size_t offset) noexcept {
    return *reinterpret_cast<const Record*>(slab.room() + offset);
}

SharedSlice& slice_of(Record& record) noexcept { return *reinterpret_cast<SharedSlice*>(&record + 1); }

Bytes bytes_of(const Record& record) noexcept {
    if (record.shared) return reinterpret_cast<const SharedSlice*>(&record + 1)->bytes;
    return {reinterpret_cast<const std::uint8_t*>(&record + 1), record.size};
}

std::uint32_t end_of(const Slab& slab, std::uint32_t at) noexcept {
    const Record& record = record_at(slab, at);
    return aligned(at + sizeof(Record) + (record.shared ? sizeof(SharedSlice) : record.size));
}

bool extendable(const Slab& slab) noexcept {
    return slab.filled != 0 && slab.filled < slab.capacity && !record_at(slab, slab.last).shared;
}

Record& begin_record(Slab& slab, Record record) noexcept {
    slab.last = aligned(slab.filled);
    slab.filled = slab.last + static_cast<std::uint32_t>(sizeof(Record));
    return *::new (slab.room() + slab.last) Record(record);
}

}  // namespace

Outbound& Outbound::operator=(Outbound&& other) noexcept {
    std::swap(head_, other.head_);
    return *this;
}

Outbound::~Outbound() {
    SlabPool none(0);
    clear(none);
}

void Outbound::append(SlabPool& pool, Bytes bytes) noexcept {
    if (bytes.empty()) return;
    copy(pool, bytes);
    head_->queued += bytes.size();
}

void Outbound::append(SlabPool& pool, Bytes head, Bytes middle, const SharedSlice& tail) noexcept {
    append(pool, head);
    append(pool, middle);
    if (!tail.owned() || tail.bytes.size() <= Template::copy_limit) return append(pool, tail.bytes);
    refer(pool, tail);
    head_->queued += tail.bytes.size();
}

void Outbound::copy(SlabPool& pool, Bytes bytes) noexcept {
    while (!bytes.empty()) {
        Slab& slab = slab_with_room(pool, sizeof(Record) + record_alignment);
        Record& record = extendable(slab) ? record_at(slab, slab.last) : begin_record(slab, {.size = 0, .shared = false});
        const std::size_t count = std::min<std::size_t>(bytes.size(), slab.capacity - slab.filled);
        std::memcpy(slab.room() + slab.filled, bytes.data(), count);
        record.size += static_cast<std::uint32_t>(count);
        slab.filled += static_cast<std::uint32_t>(count);
        bytes = bytes.subspan(count);
    }
}

void Outbound::refer(SlabPool& pool, const SharedSlice& slice) noexcept {
    Slab& slab = slab_with_room(pool, sizeof(Record) + sizeof(SharedSlice));
    Record& record = begin_record(slab, {.size = 0, .shared = true});
    ::new (&record + 1) SharedSlice(slice);
    slab.filled += static_cast<std::uint32_t>(sizeof(SharedSlice));
}

Slab& Outbound::slab_with_room(SlabPool& pool, std::size_t bytes) noexcept {
    if (!head_) {
        head_ = pool.take_small();
        head_->tail = head_;
    }
    Slab& tail = *head_->tail;
    if (aligned(tail.filled) + bytes <= tail.capacity) return tail;
    tail.next = pool.take_large();
    head_->tail = tail.next;
    return *tail.next;
}

std::size_t Outbound::gather(iovec* into, std::size_t most) const noexcept {
    std::size_t count = 0;
    std::size_t skip = head_ ? head_->skip : 0;
    for (const Slab* slab = head_; slab; slab = slab->next) {
        for (std::uint32_t at = slab->read; at < slab->filled; at = end_of(*slab, at)) {
            if (count == most) return count;
            const Bytes bytes = bytes_of(record_at(*slab, at)).subspan(std::exchange(skip, 0));
            into[count++] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
        }
    }
    return count;
}

void Outbound::consume(SlabPool& pool, std::size_t count) noexcept {
    assert(count <= size());
    if (!head_) return;
    head_->queued -= count;
    count += std::exchange(head_->skip, 0);
    while (head_->read < head_->filled) {
        Record& record = record_at(*head_, head_->read);
        const std::size_t size = bytes_of(record).size();
        if (count < size) {
            head_->skip = count;
            return;
        }
        count -= size;
        const std::uint32_t end = end_of(*head_, head_->read);
        if (record.shared) slice_of(record).~SharedSlice();
        head_->read = end;
        if (head_->read >= head_->filled) drop_first_slab(pool);
        if (!head_) return;
    }
}

void Outbound::drop_first_slab(SlabPool& pool) noexcept {
    Slab* first = head_;
    head_ = first->next;
    if (head_) {
        head_->tail = first->tail;
        head_->queued = first->queued;
    }
    pool.give_back(first);
}

}  // namespace junctor
