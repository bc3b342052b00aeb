#include "core/routing/stored_histories.hpp"

namespace junctor {

void StoredHistories::add(const keys::Parts& key, std::optional<Bytes> body) {
    Record& record = records_[key.owner].emplace_back();
    record.offset = key.number;
    if (body) record.body.assign(body->begin(), body->end());
}

void StoredHistories::restore(KeptHistory& history, std::uint64_t store_id) {
    const auto found = records_.extract(store_id);
    if (found.empty()) return;
    for (Record& record : found.mapped()) {
        record.offset == 0 ? history.restore_own(record.body) : history.restore(record.offset, record.body, decoder_);
        ByteBuffer().swap(record.body);
    }
}

std::vector<std::uint64_t> StoredHistories::ids() const {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, records] : records_) ids.push_back(id);
    return ids;
}

}  // namespace junctor
