#pragma once

#include <memory>

#include "policy/policy.hpp"
#include "tests/simulation/rule.hpp"

namespace junctor::simulation {

/// The policy that the simulated gateway enforces: everybody is who he says, else known by the connector he comes in by, and may do what no
/// rule forbids. `change` takes effect at once, on all cores.
class RuledPolicy {
public:
    explicit RuledPolicy(Rules rules);

    const PolicyPtr& policy() const noexcept { return policy_; }
    void change(Rules rules);

private:
    std::shared_ptr<Rules> rules_;
    std::shared_ptr<Policy> writable_;
    PolicyPtr policy_;
};

}  // namespace junctor::simulation
