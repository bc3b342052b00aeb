#pragma once

#include <map>

#include "core/ports/store.hpp"
#include "core/store/pending_batches.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::test {

/// A store in memory for one thread, whose test decides when what was submitted becomes durable, and what a crash leaves.
class ModelStore final : public Store {
public:
    using Records = std::map<ByteBuffer, ByteBuffer>;

    ModelStore() = default;
    /// What an earlier store left (`crash`, or `records` after `stop`).
    explicit ModelStore(Records records) : records_(std::move(records)) {}

    void load(const std::function<void(Bytes key, Bytes value)>& each) override;
    void start(std::uint16_t cores, Committed committed) override;
    void stop() noexcept override { commit_all(); }
    void submit(CoreId from, StoreBatch&& batch) noexcept override;
    bool accepts() const noexcept override { return accepts_; }

    /// Makes what was submitted durable, as far as transactions are whole; answers how many batches.
    std::size_t commit_all();
    /// The same with at most so many batches of each core, at random.
    std::size_t commit_some(SeededRandom& random);
    bool waiting() const noexcept { return !pending_.empty(); }

    /// Refuses from now on, like one whose disk is full: `accepts` says no and nothing becomes durable.
    void refuse(bool refusing) noexcept { accepts_ = !refusing; }

    /// What is durable.
    const Records& records() const noexcept { return records_; }
    /// The process dies: what is not durable is gone. Leaves what a new store finds.
    Records crash() && { return std::move(records_); }

private:
    std::size_t commit(std::size_t most);

    Records records_;
    PendingBatches pending_;
    std::vector<std::uint64_t> committed_batches_;
    Committed committed_;
    bool accepts_ = true;
};

}  // namespace junctor::test
