#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/store/pending_batches.hpp"
#include "core/store/rocksdb_database.hpp"
#include "core/store/rocksdb_store.hpp"
#include "core/store/store_metrics.hpp"

namespace junctor {

/// The store's thread and what waits for it.
class RocksdbStore::Writer {
public:
    explicit Writer(StoreOptions options);

    void open();
    void start(std::uint16_t cores, Committed committed);
    void stop() noexcept;
    void submit(CoreId from, StoreBatch&& batch) noexcept;
    bool accepts() const noexcept;
    std::string failure() const;

    const std::filesystem::path& dir() const noexcept { return options_.dir; }
    RocksdbDatabase& database() noexcept { return database_; }
    const std::optional<StoreLoss>& loss() const noexcept { return loss_; }
    const Metrics& cells() const noexcept { return cells_; }

private:
    /// What is written together, kept until it is durable.
    struct Group {
        rocksdb::WriteBatch changes;
        std::vector<std::size_t> fronts;  ///< batches of each core
        std::size_t bytes = 0;
    };

    void run();
    bool take(Group& group);
    std::vector<StoreBatch> take_batches(std::vector<std::size_t>& fronts);
    bool write(Group& group);
    bool wait_for_retry();
    void failed(const rocksdb::Status& status);
    void written(const Group& group, Duration took);

    const StoreOptions options_;
    RocksdbDatabase database_;
    std::optional<StoreLoss> loss_;
    Committed committed_;
    std::vector<std::uint64_t> totals_;  ///< of each core: batches that are durable

    mutable std::mutex mutex_;  ///< guards what follows
    std::condition_variable wake_;
    PendingBatches pending_;
    bool stopping_ = false;
    std::string failure_;
    Metrics cells_;

    StoreMetrics metrics_;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<bool> failing_{false};
    std::thread thread_;
};

}  // namespace junctor
