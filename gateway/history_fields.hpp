#pragma once

#include "core/config/schema.hpp"
#include "core/model/history_rules.hpp"
#include "core/model/limits.hpp"

namespace junctor {

/// The declaration of `history`, and its rules as read. What is wrong with one is a line in `problems`.
config::Field history_field();
HistoryRulesPtr read_history(const std::vector<config::Section>& entries, const Limits& limits, std::vector<std::string>& problems);

}  // namespace junctor
