#include "core/store/rocksdb_changes.hpp"

#include <algorithm>

namespace junctor {

namespace {

rocksdb::Slice slice(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

void RocksdbChanges::erase_range(Bytes from, Bytes to) {
    finish();
    to_.DeleteRange(slice(from), slice(to));
}

void RocksdbChanges::finish() {
    std::ranges::stable_sort(changes_, [](const Change& a, const Change& b) { return as_text(a.key) < as_text(b.key); });
    for (const Change& change : changes_) change.erases ? to_.Delete(slice(change.key)) : to_.Put(slice(change.key), slice(change.value));
    changes_.clear();
}

}  // namespace junctor
