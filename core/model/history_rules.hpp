#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/model/history_rule.hpp"
#include "core/model/topic.hpp"

namespace junctor {

/// All rules, in the order in which they were written: the first one that matches a topic keeps its messages, so that a message is in
/// one history at most and has one position. Rules are named by their number, counted from 1; 0 is none.
class HistoryRules {
public:
    HistoryRules() = default;
    explicit HistoryRules(std::vector<HistoryRule> rules) noexcept : rules_(std::move(rules)) {}

    bool empty() const noexcept { return rules_.empty(); }
    std::uint16_t size() const noexcept { return static_cast<std::uint16_t>(rules_.size()); }
    const HistoryRule& rule(std::uint16_t number) const noexcept { return rules_[number - 1U]; }

    std::uint16_t keeper_of(const Topic& topic) const noexcept;
    /// The one that keeps everything the filter matches; 0 also where it takes several, or none does for a part of it.
    std::uint16_t keeper_of(const TopicFilter& filter) const noexcept;

private:
    std::vector<HistoryRule> rules_;
};

using HistoryRulesPtr = std::shared_ptr<const HistoryRules>;

}  // namespace junctor
