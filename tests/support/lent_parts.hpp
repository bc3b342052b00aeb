#pragma once

#include <deque>
#include <utility>

#include "policy/policy_parts.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::test {

/// What a plug-in of the policy is lent, with one core on which the test runs what is posted.
struct LentParts {
    explicit LentParts(std::string name = "entry") { parts.name = std::move(name); }

    /// Until nothing is left, what it posts in turn included.
    void run_posted() {
        while (!posted.empty()) {
            const auto task = std::move(posted.front());
            posted.pop_front();
            task(lone.core);
        }
    }

    LoneCore lone;
    std::deque<std::function<void(Core&)>> posted;
    int changes = 0;  ///< how often answers were said to have changed
    PolicyParts parts{.clock = lone.clock,
                      .post = [this](CoreId, std::function<void(Core&)> task) { posted.push_back(std::move(task)); },
                      .changed = [this] { ++changes; },
                      .metrics = [this](CoreId) -> Metrics& { return lone.metrics; },
                      .directory = {},
                      .tenants = std::make_shared<Tenants>()};
};

}  // namespace junctor::test
