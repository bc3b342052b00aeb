#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "core/ports/store.hpp"

namespace junctor {

/// Batches that wait to be written: each core's in the order of submission. Finds those that may be written in one group: of each core the
/// longest front part such that no joint transaction is split. Not thread-safe.
class PendingBatches {
public:
    void start(std::uint16_t cores) { queues_.resize(cores); }
    void add(CoreId from, StoreBatch&& batch);

    /// How many batches of each core may go together. At most `most` of each; a transaction that needs more waits.
    std::vector<std::size_t> closed_fronts(std::size_t most = SIZE_MAX) const;
    /// The oldest batches of that core, which leave.
    std::vector<StoreBatch> take_front(CoreId of, std::size_t count);

    std::uint16_t cores() const noexcept { return static_cast<std::uint16_t>(queues_.size()); }
    bool empty() const noexcept;

private:
    using Fronts = std::vector<std::size_t>;
    using Parts = std::unordered_map<std::uint64_t, std::uint16_t>;  ///< of each transaction: how many of its batches are within the fronts

    Parts parts_within(const Fronts& fronts) const;
    std::size_t complete_front(std::size_t core, std::size_t most, const Parts& within) const;

    std::vector<std::deque<StoreBatch>> queues_;
};

}  // namespace junctor
