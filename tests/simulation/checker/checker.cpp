#include "tests/simulation/checker/checker.hpp"

#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {

std::vector<std::string> broken_promises(const History& history) {
    const Reading reading(history);
    Sentences broken;
    for (const auto check : {check_expected, check_copies, check_order, check_delivered, check_groups, check_sends, check_drops, check_goodbyes, check_requests, check_names})
        check(reading, broken);
    return broken;
}

}  // namespace junctor::simulation
