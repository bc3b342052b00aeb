#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/ref_counted.hpp"

namespace junctor {

class Metrics;

/// How much may wait for somebody in all queues together: for a session, its principal, its tenant, whosever limit that is. The policy makes it
/// and hands it to the session (`Session::charge`); what keeps bytes for that session counts them here (`QueueCharge`), once a write or a message
/// that has to wait, never while the wire takes everything. Any thread; never blocks.
class QueueShare : public RefCounted<QueueShare> {
public:
    /// So many bytes more wait; less where negative.
    virtual void add(std::int64_t bytes) noexcept = 0;
    /// How many more may. Several cores that ask at the same time may all hear that there is room: one message each.
    virtual std::size_t room() const noexcept = 0;
    /// Something did not find room: counts whose limit that was.
    virtual void exceeded(Metrics& metrics) const noexcept = 0;

protected:
    QueueShare() = default;
    virtual ~QueueShare() = default;

private:
    friend class RefCounted<QueueShare>;
};

}  // namespace junctor
