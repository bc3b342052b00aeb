#pragma once

#include <cstddef>
#include <utility>

#include "core/ports/queue_share.hpp"

namespace junctor {

/// What one queue counts for in its session's share, until it ends. Without a share it counts nothing.
class QueueCharge {
public:
    QueueCharge() = default;
    ~QueueCharge() { settle(0); }
    QueueCharge(const QueueCharge&) = delete;
    QueueCharge& operator=(const QueueCharge&) = delete;

    /// From now on it counts there; null: nowhere.
    void use(Ref<QueueShare> share) noexcept {
        const std::size_t held = held_;
        settle(0);
        share_ = std::move(share);
        settle(held);
    }
    /// So many bytes wait in the queue now.
    void settle(std::size_t bytes) noexcept {
        if (!share_ || bytes == held_) return;
        share_->add(static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(std::exchange(held_, bytes)));
    }

    const Ref<QueueShare>& share() const noexcept { return share_; }
    std::size_t held() const noexcept { return held_; }
    /// Something waits in the queue, and nothing more may.
    bool full() const noexcept { return held_ != 0 && share_->room() == 0; }

private:
    Ref<QueueShare> share_;
    std::size_t held_ = 0;
};

}  // namespace junctor
