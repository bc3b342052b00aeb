#include "core/session/durable_queue.hpp"

#include <cassert>

namespace junctor {

std::uint64_t DurableQueue::append(Entry entry) {
    entry.sequence = next_sequence_++;
    bytes_ += entry.cost();
    ++live_;
    waiting_.push_back(std::move(entry));
    return next_sequence_ - 1;
}

std::optional<DurableQueue::Next> DurableQueue::next() const noexcept {
    if (const Entry* again = to_repeat()) return Next{again, again->state == Entry::State::received ? Repeat::release : Repeat::maybe};
    if (waiting_.empty()) return std::nullopt;
    const Entry& first = waiting_.front();
    if (!outstanding_.empty() && first.sequence - outstanding_.front().sequence >= most_span) return std::nullopt;
    return Next{&first, first.state == Entry::State::received ? Repeat::release : Repeat::no};
}

void DurableQueue::sent() {
    if (const Entry* again = to_repeat()) {
        repeat_from_ = again->sequence + 1;
    } else {
        repeat_from_ = nothing_to_repeat;
        send_first();
    }
}

void DurableQueue::send_first() {
    Entry entry = waiting_.pop_front();
    if (entry.state == Entry::State::waiting) entry.state = Entry::State::sent;
    outstanding_.push_back(std::move(entry));
}

DurableQueue::Entry DurableQueue::skip() noexcept {
    if (const Entry* again = to_repeat()) return *done(again->sequence);
    return forget(waiting_.pop_front());
}

const DurableQueue::Entry* DurableQueue::received(std::uint64_t sequence, std::uint64_t position) noexcept {
    Entry* entry = outstanding(sequence);
    if (!entry || entry->state != Entry::State::sent || entry->qos != Qos::exactly_once) return nullptr;
    entry->state = Entry::State::received;
    entry->position = position;
    return entry;
}

std::optional<DurableQueue::Entry> DurableQueue::done(std::uint64_t sequence) noexcept {
    Entry* entry = outstanding(sequence);
    if (!entry) return std::nullopt;
    return finish(*entry);
}

std::optional<DurableQueue::Entry> DurableQueue::done_up_to(std::uint64_t sequence) noexcept {
    if (outstanding_.empty() || outstanding_.front().sequence > sequence) return std::nullopt;
    return finish(outstanding_.front());
}

std::optional<DurableQueue::Entry> DurableQueue::drop_oldest() noexcept {
    if (waiting_.empty()) return std::nullopt;
    return forget(waiting_.pop_front());
}

void DurableQueue::restore(Entry entry) {
    assert(entry.sequence >= next_sequence_);
    next_sequence_ = entry.sequence + 1;
    bytes_ += entry.cost();
    ++live_;
    waiting_.push_back(std::move(entry));
}

void DurableQueue::presume_sent(std::size_t count) {
    // In front may stand many that are done, which was not durable yet; the last one that was received shows how far a wire has got.
    std::size_t presumed = count;
    for (std::size_t i = 0; i < waiting_.size(); ++i)
        if (waiting_[i].state == Entry::State::received) presumed = i + 1 + count;
    for (; presumed > 0 && !waiting_.empty(); --presumed) {
        if (!outstanding_.empty() && waiting_.front().sequence - outstanding_.front().sequence >= most_span) return;
        send_first();
    }
}

/// Where it would stand among the outstanding ones.
std::size_t DurableQueue::place_of(std::uint64_t sequence) const noexcept {
    std::size_t first = 0;
    std::size_t last = outstanding_.size();
    while (first < last) {
        const std::size_t middle = (first + last) / 2;
        if (outstanding_[middle].sequence < sequence) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    return first;
}

DurableQueue::Entry* DurableQueue::outstanding(std::uint64_t sequence) noexcept {
    const std::size_t place = place_of(sequence);
    if (place == outstanding_.size()) return nullptr;
    Entry& entry = outstanding_[place];
    return entry.sequence == sequence && entry.state != Entry::State::done ? &entry : nullptr;
}

const DurableQueue::Entry* DurableQueue::to_repeat() const noexcept {
    if (repeat_from_ == nothing_to_repeat) return nullptr;
    for (std::size_t place = place_of(repeat_from_); place < outstanding_.size(); ++place)
        if (outstanding_[place].state != Entry::State::done) return &outstanding_[place];
    return nullptr;
}

/// Leaves one behind that is done, unless it is the first: sequences stay in order.
DurableQueue::Entry DurableQueue::finish(Entry& entry) noexcept {
    Entry finished = forget(std::move(entry));
    entry.sequence = finished.sequence;
    entry.state = Entry::State::done;
    while (!outstanding_.empty() && outstanding_.front().state == Entry::State::done) outstanding_.pop_front();
    return finished;
}

DurableQueue::Entry DurableQueue::forget(Entry entry) noexcept {
    bytes_ -= entry.cost();
    --live_;
    return entry;
}

}  // namespace junctor
