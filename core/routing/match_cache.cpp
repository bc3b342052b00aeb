#include "core/routing/match_cache.hpp"

#include "core/base/hash.hpp"

namespace junctor {

std::uint8_t MatchCache::level_of(TenantId tenant, std::string_view text) noexcept {
    return static_cast<std::uint8_t>(hash_text(text.substr(0, text.find('/')), tenant.value));
}

void MatchCache::forget(const TopicFilter& filter) noexcept {
    if (filter.text().front() == '+' || filter.text().front() == '#') return forget_all();
    ++level_epochs_[level_of(filter.tenant(), filter.text())];
}

void MatchCache::set_key(MatchEntry& entry, const Topic& topic, Qos qos) {
    entry.hash = topic.hash();
    entry.tenant = topic.tenant();
    entry.qos = qos;
    entry.text.assign(topic.text());
    entry.level = level_of(topic.tenant(), topic.text());
    entry.epoch = 0;
    entry.next_member = 0;
    entry.next_core = 0;
}

MatchEntry& MatchCache::find(const Topic& topic, Qos qos) {
    MatchEntry& entry = entry_for(topic, qos);
    if (!current(entry)) work_out(entry);
    return entry;
}

MatchEntry& MatchCache::entry_for(const Topic& topic, Qos qos) {
    if (topic.text().size() > longest_kept) {
        set_key(unkept_, topic, qos);
        return unkept_;
    }
    Set& set = sets_[topic.hash() % set_count];
    const auto tag = static_cast<std::uint32_t>(topic.hash() >> 32) + static_cast<std::uint32_t>(qos);
    for (std::size_t way = 0; way < ways; ++way) {
        if (set.entries[way] == 0) break;
        if (set.tags[way] != tag) continue;
        MatchEntry& entry = *entries_[set.entries[way] - 1];
        if (entry.is(topic, qos)) return entry;
    }
    const std::uint32_t way = take_place(set);
    set.tags[way] = tag;
    MatchEntry& entry = *entries_[set.entries[way] - 1];
    set_key(entry, topic, qos);
    return entry;
}

std::uint32_t MatchCache::take_place(Set& set) {
    for (std::uint32_t way = 0; way < ways; ++way) {
        if (set.entries[way] != 0) continue;
        entries_.push_back(std::make_unique<MatchEntry>());
        set.entries[way] = static_cast<std::uint32_t>(entries_.size());
        return way;
    }
    return turn_++ % ways;
}

void MatchCache::work_out(MatchEntry& entry) {
    ++misses_;
    destinations_ -= entry.destinations.capacity();
    matcher_.fill(entry);
    entry.epoch = epoch_;
    entry.level_epoch = level_epochs_[entry.level];
    // One that had many receivers and now has few gives the memory back.
    if (entry.destinations.capacity() > 4 * entry.destinations.size() + 16) entry.destinations.shrink_to_fit();
    destinations_ += entry.destinations.capacity();
    if (destinations_ > most_destinations) start_over(entry);
}

void MatchCache::start_over(MatchEntry& keep) noexcept {
    for (const std::unique_ptr<MatchEntry>& entry : entries_) {
        if (entry.get() == &keep) continue;
        entry->epoch = 0;
        std::vector<Destination>().swap(entry->destinations);
    }
    if (&keep != &unkept_) std::vector<Destination>().swap(unkept_.destinations);
    destinations_ = keep.destinations.capacity();
}

}  // namespace junctor
