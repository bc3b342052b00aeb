#include "connectors/zeromq/prefix_table.hpp"

namespace junctor::zeromq {

bool PrefixTable::holds(int connection, std::string_view prefix) const noexcept {
    const auto holder = holders_.find(connection);
    return holder != holders_.end() && holder->second.contains(prefix);
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
