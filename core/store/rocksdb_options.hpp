#pragma once

#include <rocksdb/options.h>

#include "core/store/store_options.hpp"

namespace junctor {

/// How tolerant an opening is.
enum class Opening : std::uint8_t {
    usual,    ///< an unfinished write at the end of a log is normal after a crash; anything else that is damaged is refused
    salvage,  ///< opens whatever can be opened and skips what is damaged
};

/// A small footprint and a load that is mostly a log: written once, read at the start, removed soon, often by range.
rocksdb::Options rocksdb_options(const StoreOptions& options, Opening opening);

/// Reads everything in order and leaves no trace in memory.
rocksdb::ReadOptions scan_options();

}  // namespace junctor
