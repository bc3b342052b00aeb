#pragma once

#include <rocksdb/db.h>

#include "core/store/store_directory.hpp"
#include "core/store/store_loss.hpp"
#include "core/store/store_options.hpp"

namespace junctor {

/// Makes a sound database of a damaged one: keeps a copy of it aside, opens it skipping what is damaged, and writes all that can be read
/// into a new one that takes its place. Throws SetupError where nothing can be opened any more.
StoreLoss salvage(const StoreDirectory& directory, const StoreOptions& options, const rocksdb::Status& damage);

/// Hands every readable record to `each`, in order, and goes on behind each damaged place; answers how many places there were.
std::uint64_t read_around_damage(rocksdb::DB& database, const std::function<void(rocksdb::Slice key, rocksdb::Slice value)>& each);

}  // namespace junctor
