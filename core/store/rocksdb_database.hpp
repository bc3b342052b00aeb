#pragma once

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/store/store_directory.hpp"
#include "core/store/store_loss.hpp"
#include "core/store/store_options.hpp"

namespace junctor {

/// The files of a store, open for one thread at a time.
class RocksdbDatabase {
public:
    explicit RocksdbDatabase(StoreOptions options);
    RocksdbDatabase(const RocksdbDatabase&) = delete;
    RocksdbDatabase& operator=(const RocksdbDatabase&) = delete;

    /// Reads every block once. What is damaged is mended as far as possible, and the answer says what is lost. Throws SetupError: another
    /// process has it open, no right to it, no space, damaged beyond repair.
    std::optional<StoreLoss> open();

    void load(const std::function<void(Bytes key, Bytes value)>& each);

    /// Durable when it answers ok. After a failure nothing is written until `reopen` has succeeded; the same batch may be written again.
    rocksdb::Status write(rocksdb::WriteBatch& batch);

    /// What a failed write left half done in the log is never written behind, and pages that a failed fsync may have dropped are not
    /// trusted: all that the log holds goes into new files.
    rocksdb::Status reopen();

    /// Leaves nothing in the log, so that the next start need not read it.
    void empty_log() noexcept;
    void close() noexcept;

private:
    std::optional<StoreLoss> mend_log();
    rocksdb::Status open_usual();
    rocksdb::Status open_and_verify();
    [[noreturn]] void refuse(const rocksdb::Status& status) const;

    StoreOptions options_;
    StoreDirectory directory_;
    std::unique_ptr<rocksdb::DB> database_;
};

}  // namespace junctor
