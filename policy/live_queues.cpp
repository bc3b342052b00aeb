#include "policy/live_queues.hpp"

#include <algorithm>

namespace junctor {
namespace {

std::uint64_t room_of(const Quota& quota, const Quotas::Share& share) noexcept {
    if (quota.queued == 0) return UINT64_MAX;
    return quota.queued - std::min(quota.queued, share.queued.load(std::memory_order_relaxed));
}

}  // namespace

Ref<QueueShare> LiveQueues::make(const Quotas::Limits& limits, const Quotas::Shares& shares) {
    const bool bounded = std::ranges::any_of(limits, [](const Quota& each) { return each.queued != 0; });
    return bounded ? Ref<QueueShare>(new LiveQueues(limits, shares)) : nullptr;
}

void LiveQueues::add(std::int64_t bytes) noexcept {
    for (const auto& share : shares_) share->queued.fetch_add(static_cast<std::uint64_t>(bytes), std::memory_order_relaxed);
}

std::size_t LiveQueues::room() const noexcept {
    std::uint64_t room = UINT64_MAX;
    for (std::size_t scope = 0; scope < scope_count; ++scope) room = std::min(room, room_of(limits_[scope], *shares_[scope]));
    return room;
}

/// Whose limit leaves least.
void LiveQueues::exceeded(Metrics& metrics) const noexcept {
    std::size_t least = 0;
    for (std::size_t scope = 1; scope < scope_count; ++scope)
        if (room_of(limits_[scope], *shares_[scope]) < room_of(limits_[least], *shares_[least])) least = scope;
    count(metrics, {Errc::quota_exceeded, static_cast<Scope>(least), QuotaLimit::queued});
}

}  // namespace junctor
