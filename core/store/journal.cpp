#include "core/store/journal.hpp"

#include <utility>

namespace junctor {

void Journal::flush() noexcept {
    if (batch_.empty()) return;
    StoreBatch full = std::exchange(batch_, StoreBatch());
    if (!store_) return;
    ++submitted_;
    store_->submit(core_, std::move(full));
}

void Journal::committed(std::uint64_t batches) noexcept {
    if (batches <= durable_) return;
    durable_ = batches;
    for (CommitListener* listener : listeners_) listener->committed(durable_);
}

}  // namespace junctor
