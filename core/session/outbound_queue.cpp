#include "core/session/outbound_queue.hpp"

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

std::uint32_t size_at(const Slab& slab, std::uint32_t at) noexcept {
    if (slab.open && at == slab.last) return slab.filled - at - static_cast<std::uint32_t>(sizeof(Record));
    return record_at(slab, at).size;
}

Bytes bytes_at(const Slab& slab, std::uint32_t at) noexcept {
    const Record& record = record_at(slab, at);
    if (record.shared) return reinterpret_cast<const SharedSlice*>(&record + 1)->bytes;
    return {reinterpret_cast<const std::uint8_t*>(&record + 1), size_at(slab, at)};
}

std::uint32_t end_of(const Slab& slab, std::uint32_t at) noexcept {
    const Record& record = record_at(slab, at);
    return aligned(at + sizeof(Record) + (record.shared ? sizeof(SharedSlice) : size_at(slab, at)));
}

void begin_record(Slab& slab, bool shared) noexcept {
    if (slab.open) record_at(slab, slab.last).size = size_at(slab, slab.last);
    slab.last = aligned(slab.filled);
    slab.filled = slab.last + static_cast<std::uint32_t>(sizeof(Record));
    slab.open = !shared;
    ::new (slab.room() + slab.last) Record{.size = 0, .shared = shared};
}

}  // namespace

OutboundQueue& OutboundQueue::operator=(OutboundQueue&& other) noexcept {
    std::swap(head_, other.head_);
    std::swap(tail_, other.tail_);
    std::swap(size_, other.size_);
    std::swap(skip_, other.skip_);
    return *this;
}

OutboundQueue::~OutboundQueue() {
    SlabPool none(0);
    clear(none);
}

void OutboundQueue::append(SlabPool& pool, Bytes bytes) noexcept {
    if (bytes.empty()) return;
    copy(pool, bytes);
    size_ += bytes.size();
}

void OutboundQueue::append(SlabPool& pool, Bytes head, Bytes middle, const SharedSlice& tail) noexcept {
    append(pool, head);
    append(pool, middle);
    if (!tail.owned() || tail.bytes.size() <= Template::copy_limit) return append(pool, tail.bytes);
    refer(pool, tail);
    size_ += tail.bytes.size();
}

void OutboundQueue::copy(SlabPool& pool, Bytes bytes) noexcept {
    while (!bytes.empty()) {
        Slab& slab = slab_with_room(pool, sizeof(Record) + record_alignment);
        if (!slab.open) begin_record(slab, false);
        const std::size_t count = std::min<std::size_t>(bytes.size(), slab.capacity - slab.filled);
        std::memcpy(slab.room() + slab.filled, bytes.data(), count);
        slab.filled += static_cast<std::uint32_t>(count);
        bytes = bytes.subspan(count);
    }
}

void OutboundQueue::refer(SlabPool& pool, const SharedSlice& slice) noexcept {
    Slab& slab = slab_with_room(pool, sizeof(Record) + sizeof(SharedSlice));
    begin_record(slab, true);
    ::new (slab.room() + slab.filled) SharedSlice(slice);
    slab.filled += static_cast<std::uint32_t>(sizeof(SharedSlice));
}

Slab& OutboundQueue::slab_with_room(SlabPool& pool, std::size_t bytes) noexcept {
    if (!head_) head_ = tail_ = pool.take_small();
    if (aligned(tail_->filled) + bytes <= tail_->capacity) return *tail_;
    tail_->next = pool.take_large();
    return *(tail_ = tail_->next);
}

std::size_t OutboundQueue::gather(iovec* into, std::size_t most) const noexcept {
    std::size_t count = 0;
    std::size_t skip = skip_;
    for (const Slab* slab = head_; slab; slab = slab->next) {
        for (std::uint32_t at = slab->read; at < slab->filled; at = end_of(*slab, at)) {
            if (count == most) return count;
            const Bytes bytes = bytes_at(*slab, at).subspan(std::exchange(skip, 0));
            into[count++] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
        }
    }
    return count;
}

void OutboundQueue::consume(SlabPool& pool, std::size_t count) noexcept {
    assert(count <= size_);
    size_ -= count;
    count += std::exchange(skip_, 0);
    while (head_) {
        const std::uint32_t at = head_->read;
        const std::size_t size = bytes_at(*head_, at).size();
        if (count < size) {
            skip_ = static_cast<std::uint32_t>(count);
            return;
        }
        count -= size;
        head_->read = end_of(*head_, at);
        Record& record = record_at(*head_, at);
        if (record.shared) slice_of(record).~SharedSlice();
        if (head_->read >= head_->filled) drop_first_slab(pool);
    }
}

void OutboundQueue::drop_first_slab(SlabPool& pool) noexcept {
    Slab* first = std::exchange(head_, head_->next);
    pool.give_back(first);
}

}  // namespace junctor
