#include "core/session/outbox.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "core/observe/metrics.hpp"
#include "core/session/queue_charge.hpp"

namespace junctor {
namespace {

Counter dropped_counter(const char* reason) {
    return counter("junctor_messages_dropped_total", "Messages that were not delivered, by reason", {{"reason", reason}});
}

void count_full(Metrics& metrics) noexcept {
    static const Counter dropped = dropped_counter("queue_full");
    metrics.add(dropped);
}

void count_expired(Metrics& metrics) noexcept {
    static const Counter dropped = dropped_counter("expired");
    metrics.add(dropped);
}

}  // namespace

struct Outbox::Queue {
    /// What few entries have.
    struct More {
        std::vector<std::uint32_t> ids;
        Ref<const SharedGroup> group;
    };
    struct Entry {
        EnvelopePtr envelope;  ///< null: dropped, waits for its turn to vanish
        std::unique_ptr<const More> more;
        Qos qos;
        bool retain;
        bool may_go;
    };

    static std::size_t cost(const Envelope& envelope) noexcept { return envelope.footprint() + sizeof(Entry); }

    /// How many bytes may be in it.
    std::size_t most(std::size_t limit, const Ref<QueueShare>& share) noexcept {
        if (share != charge.share()) charge.use(share);
        charge.settle(bytes);
        return share ? std::min(limit, bytes + std::min(limit, share->room())) : limit;
    }

    void keep(const Delivery& delivery, bool may_go) {
        Entry entry{delivery.envelope, nullptr, delivery.qos, delivery.retain, may_go};
        const std::span<const std::uint32_t> ids = delivery.subscription_ids;
        if (!ids.empty() || delivery.group) entry.more = std::make_unique<const More>(More{{ids.begin(), ids.end()}, delivery.group});
        bytes += cost(*delivery.envelope);
        ++live;
        entries.push_back(std::move(entry));
    }

    void forget(Entry& entry) noexcept {
        bytes -= cost(*entry.envelope);
        --live;
        entry.envelope = nullptr;
    }

    /// Drops the oldest that may go, which is of QoS 0; false when there is none. What stands before `searched` has been found not to be one.
    bool drop_oldest() noexcept {
        for (; searched < entries.size(); ++searched) {
            Entry& entry = entries[searched];
            if (!entry.envelope || !entry.may_go) continue;
            forget(entry);
            return true;
        }
        return false;
    }

    /// Drops QoS 0 until `needed` more bytes stay within `limit`, or there is none left.
    std::size_t make_room(std::size_t needed, std::size_t limit) noexcept {
        std::size_t dropped = 0;
        while (bytes + needed > limit && drop_oldest()) ++dropped;
        return dropped;
    }

    std::optional<Entry> take_first() noexcept {
        while (!entries.empty()) {
            Entry first = std::move(entries.front());
            entries.pop_front();
            if (searched > 0) --searched;
            if (!first.envelope) continue;
            bytes -= cost(*first.envelope);
            --live;
            return first;
        }
        return std::nullopt;
    }

    void put_first(Entry entry) noexcept {
        bytes += cost(*entry.envelope);
        ++live;
        entries.push_front(std::move(entry));
        searched = 0;
    }

    std::deque<Entry> entries;
    std::size_t searched = 0;
    std::size_t bytes = 0;
    std::size_t live = 0;
    QueueCharge charge;  ///< for `bytes`, as of the last call
};

Outbox::Outbox() noexcept = default;
Outbox::~Outbox() = default;
Outbox::Outbox(Outbox&&) noexcept = default;
Outbox& Outbox::operator=(Outbox&&) noexcept = default;

std::size_t Outbox::size() const noexcept { return queue_ ? queue_->live : 0; }
std::size_t Outbox::bytes() const noexcept { return queue_ ? queue_->bytes : 0; }
void Outbox::clear() noexcept { queue_.reset(); }

std::vector<HandedBack> Outbox::hand_back() noexcept {
    std::vector<HandedBack> all;
    while (queue_) {
        std::optional<Queue::Entry> first = queue_->take_first();
        if (!first) queue_.reset();
        if (first && first->more && first->more->group && first->qos != Qos::at_most_once)
            all.push_back({std::move(first->envelope), first->more->group});
    }
    return all;
}

DeliverResult Outbox::push(const Delivery& delivery, std::size_t limit, Metrics& metrics, bool whole_history, const Ref<QueueShare>& share) noexcept {
    const bool may_go = delivery.qos == Qos::at_most_once && !(whole_history && delivery.envelope->history().offset != 0);
    const std::size_t needed = Queue::cost(*delivery.envelope);
    if (!queue_) queue_ = std::make_unique<Queue>();
    const std::size_t most = queue_->most(limit, share);
    const std::size_t dropped = queue_->make_room(needed, most);
    for (std::size_t i = 0; i < dropped; ++i) count_full(metrics);
    const bool fits = queue_->bytes + needed <= most;
    if (fits) queue_->keep(delivery, may_go);
    if (most < limit && (dropped > 0 || !fits)) share->exceeded(metrics);
    queue_->charge.settle(queue_->bytes);
    if (queue_->live == 0) queue_.reset();
    if (fits) return dropped ? DeliverResult::dropped_oldest : DeliverResult::queued;
    if (!may_go) return DeliverResult::refused;
    count_full(metrics);
    return DeliverResult::dropped_oldest;
}

void Outbox::pump_each(TimePoint now, Metrics& metrics, TakeFunction take, void* context) noexcept {
    while (queue_) {
        // Out of the queue during the callback, which may push and so drop or end what is in it.
        std::optional<Queue::Entry> first = queue_->take_first();
        if (!first) return queue_.reset();
        // What takes it may count it in the same share.
        queue_->charge.settle(queue_->bytes);
        if (first->envelope->expired(now)) {
            count_expired(metrics);
            continue;
        }
        Item item{first->envelope, first->qos, first->retain, {}, nullptr};
        if (first->more) item.subscription_ids = first->more->ids;
        if (first->more) item.group = first->more->group.get();
        if (take(context, item)) continue;
        if (!queue_) queue_ = std::make_unique<Queue>();
        queue_->put_first(std::move(*first));
        return queue_->charge.settle(queue_->bytes);
    }
}

}  // namespace junctor
