#pragma once

#include <string>
#include <vector>

#include "core/model/verdict.hpp"

namespace junctor::simulation {

/// What somebody may not do. Principals who give no name are named after the connector they come in by.
struct Rule {
    std::string principal;
    Verb verb;
    std::string filter;  ///< topics; of a subscribe the filter itself
};

using Rules = std::vector<Rule>;

}  // namespace junctor::simulation
