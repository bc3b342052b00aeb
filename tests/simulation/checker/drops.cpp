#include <algorithm>

#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {

namespace {

/// Who goes waits for nobody.
bool while_going(const History& history, std::size_t gateway, Step at) {
    const auto last = std::find_if(history.faults.rbegin(), history.faults.rend(),
                                   [&](const Fault& each) { return each.at < at && each.gateway == gateway; });
    return last != history.faults.rend() && last->drains;
}

}  // namespace

void check_drops(const Reading& reading, Sentences& broken) {
    for (const Drop& drop : reading.history().drops)
        if (drop.waited && *drop.waited < std::chrono::milliseconds(500) && !while_going(reading.history(), reading.life_of(drop.life).gateway, drop.at))
            broken.push_back("message " + drop.payload + " was kept from " + reading.life_of(drop.life).client + ", which was only a little late (step " + std::to_string(drop.at) + ")");
}

}  // namespace junctor::simulation
