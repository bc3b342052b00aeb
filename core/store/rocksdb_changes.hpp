#pragma once

#include <rocksdb/write_batch.h>

#include <vector>

#include "core/ports/store.hpp"

namespace junctor {

/// Turns the batches of a group into one write of RocksDB, with the changes in the order of their keys: a table in memory takes a key that
/// follows the last one at a fraction of the price of any other, and what a round writes jumps between messages and queues.
/// Changes of one key keep their order, and none passes the erasing of a range.
/// Holds views of the batches that are replayed into it until `finish`.
class RocksdbChanges final : public StoreBatch::Visitor {
public:
    explicit RocksdbChanges(rocksdb::WriteBatch& to) : to_(to) {}

    void put(Bytes key, Bytes value) override { changes_.push_back({key, value, false}); }
    void erase(Bytes key) override { changes_.push_back({key, {}, true}); }
    void erase_range(Bytes from, Bytes to) override;
    /// After the last batch.
    void finish();

private:
    struct Change {
        Bytes key;
        Bytes value;
        bool erases;
    };

    rocksdb::WriteBatch& to_;
    std::vector<Change> changes_;
};

}  // namespace junctor
