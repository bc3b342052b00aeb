#include "core/store/rocksdb_options.hpp"

#include <rocksdb/env.h>
#include <rocksdb/table.h>

namespace junctor {

namespace {

/// Nothing is looked up while running: neither a cache nor filters would ever be used.
std::shared_ptr<rocksdb::TableFactory> tables() {
    rocksdb::BlockBasedTableOptions table;
    table.no_block_cache = true;
    table.block_size = 4 << 10;  // what one damaged bit costs
    table.format_version = 5;
    return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

void bound_memory(rocksdb::Options& options) {
    options.write_buffer_size = 8 << 20;
    options.max_write_buffer_number = 3;
    options.max_open_files = 128;
    options.max_background_jobs = 2;
    options.stats_dump_period_sec = 0;    // each of these is a thread
    options.stats_persist_period_sec = 0;
}

void shape_files(rocksdb::Options& options) {
    options.table_factory = tables();
    options.compression = rocksdb::kNoCompression;
    options.target_file_size_base = 8 << 20;
    options.max_bytes_for_level_base = 32 << 20;
    options.level_compaction_dynamic_level_bytes = true;
    options.max_manifest_file_size = 1 << 20;
}

}  // namespace

rocksdb::Options rocksdb_options(const StoreOptions& store, Opening opening) {
    rocksdb::Options options;
    if (store.env) options.env = store.env;
    options.create_if_missing = true;
    // The default, point in time, drops all that follows one damaged byte of the log without a word.
    options.wal_recovery_mode = opening == Opening::usual ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                                                          : rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
    options.paranoid_checks = opening == Opening::usual;
    bound_memory(options);
    shape_files(options);
    return options;
}

rocksdb::ReadOptions scan_options() {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    options.fill_cache = false;
    options.total_order_seek = true;
    options.readahead_size = 256 << 10;
    return options;
}

}  // namespace junctor
