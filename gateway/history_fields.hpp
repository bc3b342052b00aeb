#pragma once

#include <optional>

#include "core/config/schema.hpp"
#include "core/model/history_rules.hpp"
#include "gateway/setup_problems.hpp"

namespace junctor {

/// The declaration of `history`, and its rules as read. `most` bytes may all hold together; none: that could not be read.
config::Field history_field();
HistoryRulesPtr read_history(const std::vector<config::Section>& entries, std::optional<std::size_t> most, SetupProblems& problems);

}  // namespace junctor
