#include "connectors/zeromq/prefix_table.hpp"

namespace junctor::zeromq {

void PrefixTable::add(std::string_view prefix, std::string_view filter) {
    auto found = prefixes_.find(prefix);
    if (found == prefixes_.end()) {
        const auto held = filters_.try_emplace(std::string(filter), 0).first;
        ++held->second;
        found = prefixes_.emplace(prefix, Prefix{0, held}).first;
        bytes_ += prefix.size();
    }
    ++found->second.subscribers;
}

std::optional<std::string> PrefixTable::remove(std::string_view prefix) {
    const auto found = prefixes_.find(prefix);
    if (found == prefixes_.end() || --found->second.subscribers > 0) return std::nullopt;
    const auto filter = found->second.filter;
    bytes_ -= prefix.size();
    prefixes_.erase(found);
    if (--filter->second > 0) return std::nullopt;
    std::string unneeded = filter->first;
    filters_.erase(filter);
    return unneeded;
}

void PrefixTable::forget(std::string_view filter) noexcept {
    const auto held = filters_.find(filter);
    if (held == filters_.end()) return;
    for (auto entry = prefixes_.begin(); entry != prefixes_.end();) {
        if (entry->second.filter != held) {
            ++entry;
            continue;
        }
        bytes_ -= entry->first.size();
        entry = prefixes_.erase(entry);
    }
    filters_.erase(held);
}

void PrefixTable::clear() noexcept {
    bytes_ = 0;
    prefixes_.clear();
    filters_.clear();
}

}  // namespace junctor::zeromq
