#include "policy/verdict_cache.hpp"

#include <algorithm>

namespace junctor {

VerdictCache::Index::iterator VerdictCache::locate(std::uint32_t authorizer, const Question& question) noexcept {
    const auto [begin, end] = by_hash_.equal_range(hash_of(question, authorizer));
    const auto found = std::find_if(begin, end, [&](const auto& entry) {
        return entry.second->authorizer == authorizer && same_question(entry.second->question.view(), question);
    });
    return found == end ? by_hash_.end() : found;
}

const VerdictCache::Kept* VerdictCache::find(std::uint32_t authorizer, const Question& question, TimePoint now) noexcept {
    if (order_.empty()) return nullptr;
    const auto found = locate(authorizer, question);
    if (found == by_hash_.end()) return nullptr;
    if (found->second->until <= now) return drop(found), nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &*found->second;
}

void VerdictCache::keep(std::uint32_t authorizer, const KeptQuestion& question, const Verdict& verdict, TimePoint until) {
    if (const auto old = locate(authorizer, question.view()); old != by_hash_.end()) drop(old);
    order_.push_front(Kept{authorizer, question, verdict, until});
    by_hash_.emplace(hash_of(question.view(), authorizer), order_.begin());
    bytes_ += order_.front().footprint();
    while (order_.size() > bounds_.entries || bytes_ > bounds_.bytes) {
        const Kept& oldest = order_.back();
        drop(locate(oldest.authorizer, oldest.question.view()));
    }
}

void VerdictCache::drop(Index::iterator entry) noexcept {
    bytes_ -= entry->second->footprint();
    order_.erase(entry->second);
    by_hash_.erase(entry);
}

void VerdictCache::forget_all() noexcept {
    by_hash_.clear();
    order_.clear();
    bytes_ = 0;
}

}  // namespace junctor
