#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include "core/store/rocksdb_store.hpp"

namespace junctor::test {

using TextRecords = std::map<std::string, std::string>;

inline TextRecords load_all(Store& store) {
    TextRecords found;
    store.load([&](Bytes key, Bytes value) { found.emplace(as_text(key), as_text(value)); });
    return found;
}

/// A RocksDB store that is open and running, and a way to wait for what it says.
class OpenStore {
public:
    explicit OpenStore(StoreOptions options, std::uint16_t cores = 1) : store(std::move(options)) {
        store.open();
        found = load_all(store);
        store.start(cores, [this](CoreId core, std::uint64_t batches) {
            const std::lock_guard lock(mutex_);
            committed_[core.value] = batches;
            changed_.notify_all();
        });
    }

    void put(const std::string& key, const std::string& value, CoreId core = {}) {
        StoreBatch batch;
        batch.put(as_bytes(key), as_bytes(value));
        submit(std::move(batch), core);
    }
    void submit(StoreBatch&& batch, CoreId core = {}) {
        ++submitted_[core.value];
        store.submit(core, std::move(batch));
    }

    std::uint64_t committed(CoreId core = {}) {
        const std::lock_guard lock(mutex_);
        return committed_[core.value];
    }
    /// Until that many batches of the core are durable.
    void wait_for(std::uint64_t batches, CoreId core = {}) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return committed_[core.value] >= batches; });
    }
    /// Until everything submitted is.
    void wait_for_all() {
        for (const auto& [core, batches] : submitted_) wait_for(batches, {core});
    }
    /// Until the store says so; it says it soon.
    void wait_until_it_accepts(bool accepting) {
        while (store.accepts() != accepting) std::this_thread::yield();
    }

    TextRecords found;  ///< when it was opened

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint16_t, std::uint64_t> committed_;
    std::map<std::uint16_t, std::uint64_t> submitted_;

public:
    RocksdbStore store;  ///< ends first
};

}  // namespace junctor::test
