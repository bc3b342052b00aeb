#include "core/model/history_rules.hpp"

#include "core/model/topic_cover.hpp"

namespace junctor {

std::uint16_t HistoryRules::keeper_of(const Topic& topic) const noexcept {
    for (std::size_t i = 0; i < rules_.size(); ++i)
        if (rules_[i].filter.matches(topic)) return static_cast<std::uint16_t>(i + 1);
    return 0;
}

std::uint16_t HistoryRules::keeper_of(const TopicFilter& filter) const noexcept {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (covers(rules_[i].filter, filter)) return static_cast<std::uint16_t>(i + 1);
        if (overlap(rules_[i].filter, filter)) return 0;
    }
    return 0;
}

}  // namespace junctor
