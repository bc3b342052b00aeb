#include "core/store/rocksdb_database.hpp"

#include <sys/stat.h>

#include "core/base/setup_error.hpp"
#include "core/store/log_tail.hpp"
#include "core/store/rocksdb_log.hpp"
#include "core/store/rocksdb_options.hpp"
#include "core/store/rocksdb_salvage.hpp"

namespace junctor {

namespace {

Bytes bytes_of(const rocksdb::Slice& slice) { return as_bytes({slice.data(), slice.size()}); }

bool is_lock(const rocksdb::Status& status) { return status.IsIOError() && status.ToString().find("/LOCK") != std::string::npos; }

/// A disk that answers with an error may answer better tomorrow; files that are missing or say nonsense will not.
bool is_damage(const rocksdb::Status& status) {
    return !status.ok() && (!status.IsIOError() || status.IsPathNotFound());
}

}  // namespace

RocksdbDatabase::RocksdbDatabase(StoreOptions options) : options_(std::move(options)), directory_(options_.dir) {}

std::optional<StoreLoss> RocksdbDatabase::open() {
    // RocksDB makes files that everybody may read and has no setting that works; what this process makes is its owner's alone.
    ::umask(0077);
    directory_.prepare();
    const std::optional<StoreLoss> mended_log = mend_log();
    const rocksdb::Status status = open_and_verify();
    if (status.ok()) return mended_log;
    close();
    if (!is_damage(status)) refuse(status);
    StoreLoss loss = salvage(directory_, options_, status);
    if (const rocksdb::Status mended = open_and_verify(); !mended.ok()) refuse(mended);
    return loss;
}

/// Nothing is lost by it, but a disk that damages what it holds is to be heard of.
std::optional<StoreLoss> RocksdbDatabase::mend_log() {
    std::optional<StoreLoss> damage;
    if (!std::filesystem::exists(directory_.database())) return damage;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.database())) {
        if (entry.path().extension() != ".log" || !ends_in_damaged_length(entry.path())) continue;
        if (!damage) damage = StoreLoss{"the length of the log's last record was damaged and is mended", directory_.keep_damaged(), 0, 0, 0};
        mend_last_length(entry.path());
    }
    return damage;
}

void RocksdbDatabase::refuse(const rocksdb::Status& status) const {
    const std::string store = "the store '" + options_.dir.string() + "' ";
    if (!is_lock(status)) throw SetupError(store + "cannot be opened: " + status.ToString());
    // Whoever in this process looked at the lock file would release the lock.
    const bool ours = status.ToString().find("current process") != std::string::npos;
    const std::string holder = ours ? "this process" : directory_.holder();
    throw SetupError(store + "is in use by " + (holder.empty() ? "another process" : holder) +
                     "; stop that one, or give this one another 'store: {dir: ...}'");
}

rocksdb::Status RocksdbDatabase::open_usual() {
    rocksdb::Options options = rocksdb_options(options_, Opening::usual);
    options.info_log = std::make_shared<RocksdbLog>();
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, directory_.database(), &opened);
    database_.reset(opened);
    return status;
}

rocksdb::Status RocksdbDatabase::open_and_verify() {
    const rocksdb::Status status = open_usual();
    return status.ok() ? database_->VerifyChecksum(scan_options()) : status;
}

void RocksdbDatabase::load(const std::function<void(Bytes key, Bytes value)>& each) {
    const std::unique_ptr<rocksdb::Iterator> iterator(database_->NewIterator(scan_options()));
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) each(bytes_of(iterator->key()), bytes_of(iterator->value()));
    if (!iterator->status().ok()) refuse(iterator->status());
}

rocksdb::Status RocksdbDatabase::write(rocksdb::WriteBatch& batch) {
    if (!database_) return rocksdb::Status::IOError("the database is not open");
    rocksdb::WriteOptions how;
    how.sync = options_.durability == Durability::fsync;
    return database_->Write(how, &batch);
}

rocksdb::Status RocksdbDatabase::reopen() {
    close();
    return open_usual();
}

void RocksdbDatabase::empty_log() noexcept {
    if (database_) database_->Flush({});
}

void RocksdbDatabase::close() noexcept {
    if (!database_) return;
    database_->Close();
    database_.reset();
}

}  // namespace junctor
