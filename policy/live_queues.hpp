#pragma once

#include "core/ports/queue_share.hpp"
#include "policy/quotas.hpp"

namespace junctor {

/// What waits in a live session's outbound queues, as a part of what may be queued for it, its principal and its tenant. Ends when the last queue
/// that counts here is empty, which may be later than the session.
class LiveQueues final : public QueueShare {
public:
    /// Null where no limit bounds what is queued.
    static Ref<QueueShare> make(const Quotas::Limits& limits, const Quotas::Shares& shares);

    void add(std::int64_t bytes) noexcept override;
    std::size_t room() const noexcept override;
    void exceeded(Metrics& metrics) const noexcept override;

private:
    LiveQueues(const Quotas::Limits& limits, const Quotas::Shares& shares) : limits_(limits), shares_(shares) {}
    ~LiveQueues() override = default;

    const Quotas::Limits limits_;
    const Quotas::Shares shares_;
};

}  // namespace junctor
