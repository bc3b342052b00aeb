#pragma once

#include <memory>
#include <vector>

namespace junctor {

class PolicyGate;
class Recovery;
class Runtime;

/// Gives every core what the store held for it, and returns when all cores know what the others want: whoever publishes from then on
/// reaches them. While the cores run and nobody is let in yet; says in the log what came back and what did not.
void recover(Recovery& recovery, Runtime& runtime, const std::vector<std::unique_ptr<PolicyGate>>& gates);

}  // namespace junctor
