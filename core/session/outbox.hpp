#pragma once

#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "core/base/clock.hpp"
#include "core/model/envelope.hpp"
#include "core/ports/session.hpp"

namespace junctor {

class Metrics;

/// What a session holds back while its wire is full or its in-flight window closed: first in, first out, bounded in bytes
/// (DESIGN 5.9). Costs one pointer while it is empty. Belongs to its session and its core.
///
/// Use: in `Session::deliver`, write at once when the outbox is empty and the wire takes it, else `push`. When the wire or the
/// window opens again, `pump`.
class Outbox {
public:
    /// One message held back. Valid only during the callback; keep `envelope` by copying it.
    struct Item {
        const EnvelopePtr& envelope;
        Qos qos;
        bool retain;
        std::span<const std::uint32_t> subscription_ids;
        const SharedGroup* group;
    };

    Outbox() noexcept;
    ~Outbox();
    Outbox(Outbox&&) noexcept;
    Outbox& operator=(Outbox&&) noexcept;

    bool empty() const noexcept { return !queue_; }
    std::size_t size() const noexcept;
    /// What its messages hold, shared payloads counted in full.
    std::size_t bytes() const noexcept;

    /// Keeps the delivery. At `limit` bytes the oldest QoS 0 goes for it (`dropped_oldest`, counted); when there is none, a QoS 0
    /// is not kept (`dropped_oldest` too), and a QoS 1 or 2 is `refused`: the session closes as `slow_consumer`.
    /// `whole_history`: the client counts on getting all that a history keeps, so that of such messages none goes whatever its QoS.
    /// `share`: the session's own. Where it has no room, that is the limit.
    DeliverResult push(const Delivery& delivery, std::size_t limit, Metrics& metrics, bool whole_history = false,
                       const Ref<QueueShare>& share = {}) noexcept;

    /// Offers message after message to `take(const Item&) -> bool`, until it returns false (that one stays first) or none is left.
    /// What has expired by `now` is dropped and counted instead. `take` may push to this outbox, not pump it.
    template <class Take>
    void pump(TimePoint now, Metrics& metrics, Take&& take) noexcept {
        using Callable = std::remove_reference_t<Take>;
        pump_each(
            now, metrics, [](void* context, const Item& item) noexcept { return (*static_cast<Callable*>(context))(item); },
            const_cast<void*>(static_cast<const void*>(&take)));
    }

    void clear() noexcept;

    /// What `Session::hand_back` answers of what is held back; the outbox is empty then.
    std::vector<HandedBack> hand_back() noexcept;

private:
    struct Queue;
    using TakeFunction = bool (*)(void* context, const Item& item) noexcept;
    void pump_each(TimePoint now, Metrics& metrics, TakeFunction take, void* context) noexcept;

    std::unique_ptr<Queue> queue_;
};

}  // namespace junctor
