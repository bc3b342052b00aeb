#include "connectors/zeromq/prefix_table.hpp"

namespace junctor::zeromq {

bool PrefixTable::holds(int connection, std::string_view prefix) const noexcept {
    const auto holder = holders_.find(connection);
    return holder != holders_.end() && holder->second.contains(prefix);
}

bool PrefixTable::wants(std::string_view topic) const noexcept {
    for (const auto& [connection, prefixes] : holders_) {
        // Of all that stand before the topic in order, those that begin it are met on the way back, longest first.
        for (auto at = prefixes.upper_bound(topic); at != prefixes.begin();) {
            const std::string_view prefix = (--at)->first;
            if (topic.starts_with(prefix)) {
                if (!prefix.empty() || !topic.starts_with('$')) return true;
                continue;
            }
            // Nothing between this one and what it has in common with the topic begins the topic.
            std::size_t common = 0;
            while (common < prefix.size() && common < topic.size() && prefix[common] == topic[common]) ++common;
            at = prefixes.upper_bound(topic.substr(0, common));
        }
    }
    return false;
}

void PrefixTable::add(int connection, std::string_view prefix, std::string_view filter) {
    Prefixes& prefixes = holders_[connection];
    if (prefixes.contains(prefix)) return;
    const auto held = filters_.try_emplace(std::string(filter), 0).first;
    ++held->second;
    prefixes.emplace(prefix, held);
    bytes_ += prefix.size();
    ++count_;
}

std::optional<std::string> PrefixTable::remove(int connection, std::string_view prefix) {
    const auto holder = holders_.find(connection);
    if (holder == holders_.end()) return std::nullopt;
    const auto found = holder->second.find(prefix);
    if (found == holder->second.end()) return std::nullopt;
    const auto filter = found->second;
    erase(holder->second, found);
    if (holder->second.empty()) holders_.erase(holder);
    return let_go(filter);
}

std::vector<std::string> PrefixTable::remove(int connection) {
    std::vector<std::string> unneeded;
    auto gone = holders_.extract(connection);
    if (gone.empty()) return unneeded;
    for (auto entry = gone.mapped().begin(); entry != gone.mapped().end();) {
        const auto filter = entry->second;
        entry = erase(gone.mapped(), entry);
        if (auto text = let_go(filter)) unneeded.push_back(*std::move(text));
    }
    return unneeded;
}

void PrefixTable::forget(std::string_view filter) noexcept {
    const auto held = filters_.find(filter);
    if (held == filters_.end()) return;
    for (auto& [connection, prefixes] : holders_)
        for (auto entry = prefixes.begin(); entry != prefixes.end();) entry = entry->second == held ? erase(prefixes, entry) : std::next(entry);
    filters_.erase(held);
}

PrefixTable::Prefixes::iterator PrefixTable::erase(Prefixes& prefixes, Prefixes::iterator entry) noexcept {
    bytes_ -= entry->first.size();
    --count_;
    return prefixes.erase(entry);
}

std::optional<std::string> PrefixTable::let_go(Filters::iterator filter) {
    if (--filter->second > 0) return std::nullopt;
    std::string text = filter->first;
    filters_.erase(filter);
    return text;
}

void PrefixTable::clear() noexcept {
    bytes_ = 0;
    count_ = 0;
    holders_.clear();
    filters_.clear();
}

}  // namespace junctor::zeromq
