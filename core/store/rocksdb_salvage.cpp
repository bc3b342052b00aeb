#include "core/store/rocksdb_salvage.hpp"

#include <rocksdb/sst_file_reader.h>

#include <memory>

#include "core/base/setup_error.hpp"
#include "core/store/key_gap.hpp"
#include "core/store/rocksdb_log.hpp"
#include "core/store/rocksdb_options.hpp"

namespace junctor {

namespace {

using Database = std::unique_ptr<rocksdb::DB>;

constexpr std::size_t rebuild_batch_bytes = 1 << 20;

rocksdb::Status open(const rocksdb::Options& options, const std::filesystem::path& dir, Database& into) {
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, dir, &opened);
    into.reset(opened);
    return status;
}

/// A table whose index is damaged would keep every key from being read, not only its own. Answers how many went.
std::uint64_t remove_unreadable_tables(const rocksdb::Options& options, const std::filesystem::path& dir) {
    std::uint64_t removed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir)) {
        if (entry.path().extension() != ".sst" || rocksdb::SstFileReader(options).Open(entry.path()).ok()) continue;
        std::filesystem::remove(entry.path());
        ++removed;
    }
    return removed;
}

/// Without its list of files, or one on it, a database does not open: the list is then made anew from the files that are there.
Database open_damaged(const StoreDirectory& directory, const rocksdb::Options& options, bool complete, const std::filesystem::path& kept) {
    Database database;
    if (complete && open(options, directory.database(), database).ok()) return database;
    rocksdb::Status status = rocksdb::RepairDB(directory.database(), options);
    if (status.ok()) status = open(options, directory.database(), database);
    if (status.ok()) return database;
    throw SetupError("the store is damaged beyond repair (" + status.ToString() + "); a copy is in '" + kept.string() +
                     "'; restore '" + directory.database().string() + "' from a backup, or remove it to start empty");
}

/// A database that is filled without a log and is durable when it is finished.
class Rebuilding {
public:
    Rebuilding(const rocksdb::Options& options, const std::filesystem::path& dir) { check(open(options, dir, database_)); }

    void put(rocksdb::Slice key, rocksdb::Slice value) {
        batch_.Put(key, value);
        if (batch_.GetDataSize() >= rebuild_batch_bytes) write();
    }

    void finish() {
        write();
        check(database_->Flush({}));
        check(database_->Close());
    }

private:
    void write() {
        rocksdb::WriteOptions without_log;
        without_log.disableWAL = true;
        check(database_->Write(without_log, &batch_));
        batch_.Clear();
    }

    static void check(const rocksdb::Status& status) {
        if (!status.ok()) throw SetupError("the damaged store cannot be rebuilt: " + status.ToString());
    }

    Database database_;
    rocksdb::WriteBatch batch_;
};

using IteratorPtr = std::unique_ptr<rocksdb::Iterator>;

/// A new one each time: one that has met a damaged block goes on to report it wherever it is put.
IteratorPtr iterator_at(rocksdb::DB& database, const std::string& key) {
    IteratorPtr iterator(database.NewIterator(scan_options()));
    iterator->Seek(key);
    return iterator;
}

/// The first place behind `last` where reading goes on; null where there is none.
IteratorPtr behind_damage(rocksdb::DB& database, const std::string& last) {
    const auto readable = [&](const std::string& key) { return iterator_at(database, key)->status().ok(); };
    KeyGap gap(last);
    if (!gap.widen_until(readable)) return nullptr;
    gap.narrow(readable);
    return iterator_at(database, gap.end());
}

}  // namespace

std::uint64_t read_around_damage(rocksdb::DB& database, const std::function<void(rocksdb::Slice, rocksdb::Slice)>& each) {
    std::uint64_t places = 0;
    std::string last;
    for (IteratorPtr iterator = iterator_at(database, {}); iterator; iterator = behind_damage(database, last)) {
        for (; iterator->Valid(); iterator->Next()) {
            last = iterator->key().ToString();
            each(iterator->key(), iterator->value());
        }
        if (iterator->status().ok()) break;
        ++places;
    }
    return places;
}

StoreLoss salvage(const StoreDirectory& directory, const StoreOptions& store, const rocksdb::Status& damage) {
    StoreLoss loss{damage.ToString(), directory.keep_damaged(), 0, 0, 0};
    const auto log = std::make_shared<RocksdbLog>();
    rocksdb::Options options = rocksdb_options(store, Opening::salvage);
    options.info_log = log;
    options.disable_auto_compactions = true;
    {
        const std::uint64_t removed = remove_unreadable_tables(options, directory.database());
        const Database damaged = open_damaged(directory, options, removed == 0, loss.kept);
        Rebuilding rebuilding(options, directory.rebuilt());
        loss.damaged_places = removed + read_around_damage(*damaged, [&](rocksdb::Slice key, rocksdb::Slice value) {
            ++loss.records;
            rebuilding.put(key, value);
        });
        rebuilding.finish();
    }
    loss.log_bytes = log->dropped_bytes();
    directory.adopt_rebuilt();
    return loss;
}

}  // namespace junctor
