#include "tests/support/model_store.hpp"

#include <cassert>

namespace junctor::test {

namespace {

ByteBuffer owned(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

class Applier final : public StoreBatch::Visitor {
public:
    explicit Applier(ModelStore::Records& records) : records_(records) {}
    void put(Bytes key, Bytes value) override { records_[owned(key)] = owned(value); }
    void erase(Bytes key) override { records_.erase(owned(key)); }
    void erase_range(Bytes from, Bytes to) override { records_.erase(records_.lower_bound(owned(from)), records_.lower_bound(owned(to))); }

private:
    ModelStore::Records& records_;
};

}  // namespace

void ModelStore::load(const std::function<void(Bytes key, Bytes value)>& each) {
    assert(!committed_);
    for (const auto& [key, value] : records_) each(key, value);
}

void ModelStore::start(std::uint16_t cores, Committed committed) {
    pending_.start(cores);
    committed_batches_.assign(cores, 0);
    committed_ = std::move(committed);
}

void ModelStore::submit(CoreId from, StoreBatch&& batch) noexcept {
    assert(!batch.empty());
    pending_.add(from, std::move(batch));
}

std::size_t ModelStore::commit_all() { return commit(SIZE_MAX); }

std::size_t ModelStore::commit_some(SeededRandom& random) { return commit(random.below(4)); }

std::size_t ModelStore::commit(std::size_t most) {
    if (!accepts_) return 0;
    Applier applier(records_);
    std::size_t total = 0;
    const std::vector<std::size_t> fronts = pending_.closed_fronts(most);
    for (std::uint16_t core = 0; core < fronts.size(); ++core) {
        for (const StoreBatch& batch : pending_.take_front({core}, fronts[core])) batch.replay(applier);
        total += fronts[core];
    }
    // Told only when the whole group is there: what hears of it may submit more.
    for (std::uint16_t core = 0; core < fronts.size(); ++core)
        if (fronts[core] != 0) committed_({core}, committed_batches_[core] += fronts[core]);
    return total;
}

}  // namespace junctor::test
