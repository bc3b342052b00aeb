#include "core/store/rocksdb_changes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace junctor {
namespace {

/// What RocksDB would apply, in that order.
class Seen final : public rocksdb::WriteBatch::Handler {
public:
    explicit Seen(const rocksdb::WriteBatch& batch) { EXPECT_TRUE(batch.Iterate(this).ok()); }

    rocksdb::Status PutCF(std::uint32_t, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
        return note(key.ToString() + "=" + value.ToString());
    }
    rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice& key) override { return note("-" + key.ToString()); }
    rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice& from, const rocksdb::Slice& to) override {
        return note("-" + from.ToString() + ".." + to.ToString());
    }

    std::vector<std::string> changes;

private:
    rocksdb::Status note(std::string change) {
        changes.push_back(std::move(change));
        return rocksdb::Status::OK();
    }
};

std::vector<std::string> written(const std::vector<StoreBatch>& batches) {
    rocksdb::WriteBatch group;
    RocksdbChanges changes(group);
    for (const StoreBatch& batch : batches) batch.replay(changes);
    changes.finish();
    return Seen(group).changes;
}

void put(StoreBatch& batch, std::string_view key, std::string_view value) { batch.put(as_bytes(key), as_bytes(value)); }

TEST(RocksdbChanges, GoInTheOrderOfTheirKeysAcrossBatches) {
    std::vector<StoreBatch> batches(2);
    put(batches[0], "m1", "a");
    put(batches[0], "q1", "b");
    put(batches[1], "m2", "c");
    put(batches[1], "q2", "d");
    EXPECT_EQ(written(batches), (std::vector<std::string>{"m1=a", "m2=c", "q1=b", "q2=d"}));
}

TEST(RocksdbChanges, OfOneKeyKeepTheirOrder) {
    std::vector<StoreBatch> batches(2);
    put(batches[0], "k", "1");
    batches[0].erase(as_bytes("k"));
    put(batches[0], "a", "x");
    put(batches[1], "k", "2");
    EXPECT_EQ(written(batches), (std::vector<std::string>{"a=x", "k=1", "-k", "k=2"}));
}

TEST(RocksdbChanges, NonePassesTheErasingOfARange) {
    std::vector<StoreBatch> batches(1);
    put(batches[0], "m2", "old");
    put(batches[0], "m1", "old");
    batches[0].erase_range(as_bytes("m"), as_bytes("n"));
    put(batches[0], "m1", "new");
    put(batches[0], "a", "new");
    EXPECT_EQ(written(batches), (std::vector<std::string>{"m1=old", "m2=old", "-m..n", "a=new", "m1=new"}));
}

TEST(RocksdbChanges, NothingIsNothing) { EXPECT_TRUE(written({}).empty()); }

}  // namespace
}  // namespace junctor
