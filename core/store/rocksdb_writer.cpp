#include "core/store/rocksdb_writer.hpp"

#include <rocksdb/perf_level.h>

#include <algorithm>
#include <cassert>
#include <iterator>

#include "core/observe/log.hpp"
#include "core/store/rocksdb_changes.hpp"

namespace junctor {

namespace {

using Stopwatch = std::chrono::steady_clock;

void report(const StoreLoss& loss) {
    log_error("store", "the store was damaged and has been mended; what could be read is kept, and so is a copy of the damaged files",
              {{"damage", loss.damage},
               {"records_kept", std::to_string(loss.records)},
               {"damaged_places", std::to_string(loss.damaged_places)},
               {"damaged_log_bytes", std::to_string(loss.log_bytes)},
               {"copy", loss.kept.string()}});
}

}  // namespace

RocksdbStore::Writer::Writer(StoreOptions options) : options_(options), database_(std::move(options)) {}

void RocksdbStore::Writer::open() {
    loss_ = database_.open();
    if (!loss_) return;
    report(*loss_);
    cells_.add(metrics_.damaged_places, static_cast<std::int64_t>(loss_->damaged_places));
    cells_.add(metrics_.damaged_log_bytes, static_cast<std::int64_t>(loss_->log_bytes));
}

void RocksdbStore::Writer::start(std::uint16_t cores, Committed committed) {
    committed_ = std::move(committed);
    totals_.assign(cores, 0);
    pending_.start(cores);
    thread_ = std::thread([this] { run(); });
}

void RocksdbStore::Writer::stop() noexcept {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }
    if (!failing_) database_.empty_log();
    database_.close();
}

void RocksdbStore::Writer::submit(CoreId from, StoreBatch&& batch) noexcept {
    const std::size_t bytes = batch.size();
    waiting_.fetch_add(bytes, std::memory_order_relaxed);
    {
        const std::lock_guard lock(mutex_);
        assert(!stopping_);
        pending_.add(from, std::move(batch));
        cells_.add(metrics_.waiting, static_cast<std::int64_t>(bytes));
    }
    wake_.notify_one();
}

bool RocksdbStore::Writer::accepts() const noexcept {
    return !failing_.load(std::memory_order_relaxed) && waiting_.load(std::memory_order_relaxed) < options_.most_waiting;
}

std::string RocksdbStore::Writer::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
}

void RocksdbStore::Writer::run() {
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);  // counting each comparison of keys costs as much as comparing them
    while (true) {
        Group group;
        if (!take(group) || !write(group)) break;
    }
    if (waiting_ != 0) log_warning("store", "stopped before everything could be written; nothing of it was acknowledged");
}

/// Waits for something that can be written; false: there is nothing left to come.
bool RocksdbStore::Writer::take(Group& group) {
    // Only moved while locked: a core that submits must not wait for the translation of what is there.
    const std::vector<StoreBatch> batches = take_batches(group.fronts);
    RocksdbChanges changes(group.changes);
    for (const StoreBatch& batch : batches) {
        group.bytes += batch.size();
        batch.replay(changes);
    }
    changes.finish();
    return !batches.empty();
}

std::vector<StoreBatch> RocksdbStore::Writer::take_batches(std::vector<std::size_t>& fronts) {
    std::unique_lock lock(mutex_);
    const auto some = [&] {
        fronts = pending_.closed_fronts();
        return std::ranges::any_of(fronts, [](std::size_t count) { return count != 0; });
    };
    wake_.wait(lock, [&] { return some() || stopping_; });
    std::vector<StoreBatch> batches;
    for (std::uint16_t core = 0; core < fronts.size(); ++core) {
        std::vector<StoreBatch> taken = pending_.take_front({core}, fronts[core]);
        std::ranges::move(taken, std::back_inserter(batches));
    }
    return batches;
}

/// Until it is durable; false: the store stops and the last attempt failed, too.
bool RocksdbStore::Writer::write(Group& group) {
    while (true) {
        const Stopwatch::time_point begun = Stopwatch::now();
        rocksdb::Status status = database_.write(group.changes);
        if (status.ok()) {
            written(group, Stopwatch::now() - begun);
            return true;
        }
        do {
            failed(status);
            if (!wait_for_retry()) return false;
            status = database_.reopen();
        } while (!status.ok());
    }
}

/// False: there will be no other attempt.
bool RocksdbStore::Writer::wait_for_retry() {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, options_.retry_interval, [this] { return stopping_; });
}

void RocksdbStore::Writer::failed(const rocksdb::Status& status) {
    const std::string reason = status.ToString();
    const std::lock_guard lock(mutex_);
    cells_.add(metrics_.failures);
    if (failure_.empty()) {
        log_error("store", "nothing can be written; what would have to be stored is refused until it can",
                  {{"dir", options_.dir.string()}, {"because", reason}});
        cells_.add(metrics_.failing, 1);
    }
    failure_ = reason;
    failing_ = true;
}

void RocksdbStore::Writer::written(const Group& group, Duration took) {
    {
        const std::lock_guard lock(mutex_);
        cells_.add(metrics_.commits);
        for (const std::size_t count : group.fronts) cells_.add(metrics_.batches, count);
        cells_.add(metrics_.bytes, group.bytes);
        cells_.add(metrics_.microseconds, static_cast<std::uint64_t>(took / std::chrono::microseconds(1)));
        cells_.add(metrics_.waiting, -static_cast<std::int64_t>(group.bytes));
        if (!failure_.empty()) {
            log_info("store", "writing works again; all that waited is stored");
            cells_.add(metrics_.failing, -1);
            failure_.clear();
        }
    }
    waiting_.fetch_sub(group.bytes, std::memory_order_relaxed);
    failing_ = false;
    for (std::uint16_t core = 0; core < group.fronts.size(); ++core)
        if (group.fronts[core] != 0) committed_({core}, totals_[core] += group.fronts[core]);
}

}  // namespace junctor
