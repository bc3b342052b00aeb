#include "connectors/mqtt/sent_aliases.hpp"

#include <algorithm>

namespace junctor::mqtt {

SentAliases::Alias SentAliases::use(const Topic& topic) noexcept {
    ++uses_;
    for (std::size_t at = 0; at < entries_.size(); ++at) {
        Entry& entry = entries_[at];
        if (entry.hash != topic.hash() || entry.text != topic.text()) continue;
        entry.used = uses_;
        return {static_cast<std::uint16_t>(at + 1), true};
    }
    const std::size_t at = place_for_new();
    Entry& entry = entries_[at];
    entry.hash = topic.hash();
    entry.used = uses_;
    entry.text.assign(topic.text());
    return {static_cast<std::uint16_t>(at + 1), false};
}

std::size_t SentAliases::place_for_new() noexcept {
    if (entries_.size() < limit_) {
        entries_.emplace_back();
        return entries_.size() - 1;
    }
    const auto oldest = std::ranges::min_element(entries_, {}, &Entry::used);
    return static_cast<std::size_t>(oldest - entries_.begin());
}

}  // namespace junctor::mqtt
