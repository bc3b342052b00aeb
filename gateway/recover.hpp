#pragma once

#include <memory>
#include <vector>

#include "core/model/history_rules.hpp"

namespace junctor {

class PolicyGate;
class Recovery;
class Runtime;

/// Gives every core what the store held for it, and returns when all cores know what the others want: whoever publishes from then on
/// reaches them; and what the cores have written for that is durable. While the cores run and nobody is let in yet; says in the log what came back and what did not.
void recover(Recovery& recovery, const HistoryRulesPtr& history, Runtime& runtime, const std::vector<std::unique_ptr<PolicyGate>>& gates);

}  // namespace junctor
