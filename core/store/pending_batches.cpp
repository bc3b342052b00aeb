#include "core/store/pending_batches.hpp"

#include <algorithm>
#include <iterator>

namespace junctor {

void PendingBatches::add(CoreId from, StoreBatch&& batch) { queues_[from.value].push_back(std::move(batch)); }

PendingBatches::Parts PendingBatches::parts_within(const Fronts& fronts) const {
    Parts within;
    for (std::size_t core = 0; core < queues_.size(); ++core)
        for (std::size_t i = 0; i < fronts[core]; ++i)
            for (const StoreBatch::Joint& joint : queues_[core][i].joints()) ++within[joint.transaction];
    return within;
}

/// Up to the first batch that belongs to a transaction of which a part is missing.
std::size_t PendingBatches::complete_front(std::size_t core, std::size_t most, const Parts& within) const {
    const auto complete = [&](const StoreBatch::Joint& joint) { return within.at(joint.transaction) == joint.parts; };
    std::size_t front = 0;
    while (front < most && std::ranges::all_of(queues_[core][front].joints(), complete)) ++front;
    return front;
}

std::vector<std::size_t> PendingBatches::closed_fronts(std::size_t most) const {
    Fronts fronts;
    for (const std::deque<StoreBatch>& queue : queues_) fronts.push_back(std::min(queue.size(), most));
    // What one core must leave out may be missing to another's transaction: until nothing changes any more.
    for (bool shrunk = true; shrunk;) {
        shrunk = false;
        const Parts within = parts_within(fronts);
        for (std::size_t core = 0; core < queues_.size(); ++core) {
            const std::size_t front = complete_front(core, fronts[core], within);
            shrunk = shrunk || front < fronts[core];
            fronts[core] = front;
        }
    }
    return fronts;
}

std::vector<StoreBatch> PendingBatches::take_front(CoreId of, std::size_t count) {
    auto& queue = queues_[of.value];
    const auto end = queue.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<StoreBatch> taken(std::make_move_iterator(queue.begin()), std::make_move_iterator(end));
    queue.erase(queue.begin(), end);
    return taken;
}

bool PendingBatches::empty() const noexcept {
    return std::ranges::all_of(queues_, [](const auto& queue) { return queue.empty(); });
}

}  // namespace junctor
