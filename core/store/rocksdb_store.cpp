#include "core/store/rocksdb_store.hpp"

#include "core/store/rocksdb_writer.hpp"

namespace junctor {

RocksdbStore::RocksdbStore(StoreOptions options) : writer_(std::make_unique<Writer>(std::move(options))) {}

RocksdbStore::~RocksdbStore() { writer_->stop(); }

void RocksdbStore::open() { writer_->open(); }
const std::optional<StoreLoss>& RocksdbStore::loss() const noexcept { return writer_->loss(); }
void RocksdbStore::load(const std::function<void(Bytes key, Bytes value)>& each) { writer_->database().load(each); }
void RocksdbStore::start(std::uint16_t cores, Committed committed) { writer_->start(cores, std::move(committed)); }
void RocksdbStore::stop() noexcept { writer_->stop(); }
void RocksdbStore::submit(CoreId from, StoreBatch&& batch) noexcept { writer_->submit(from, std::move(batch)); }
bool RocksdbStore::accepts() const noexcept { return writer_->accepts(); }
std::string RocksdbStore::failure() const { return writer_->failure(); }
const std::filesystem::path& RocksdbStore::dir() const noexcept { return writer_->dir(); }
const Metrics& RocksdbStore::metrics() const noexcept { return writer_->cells(); }

}  // namespace junctor
