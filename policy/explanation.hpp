#pragma once

#include <string>
#include <vector>

#include "core/ports/authorizer.hpp"
#include "policy/quotas.hpp"

namespace junctor {

/// How a verdict came about, for people and the admin API.
struct Explanation {
    struct Step {
        std::string authorizer;
        Verdict verdict;
        std::vector<RuleTrial> rules;  ///< those it looked at; empty where it has none of its own
    };

    std::vector<Step> steps;  ///< all who were asked, in order; none where the gateway itself decides
    Verdict verdict;          ///< the one that counts
    std::vector<QuotaUse> quotas;  ///< that are in force for whoever asks, whatever the verdict is
};

}  // namespace junctor
