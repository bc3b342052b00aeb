#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {

void check_drops(const Reading& reading, Sentences& broken) {
    for (const Drop& drop : reading.history().drops)
        if (drop.waited && *drop.waited < std::chrono::milliseconds(500))
            broken.push_back("message " + drop.payload + " was kept from " + reading.life_of(drop.life).client + ", which was only a little late (step " + std::to_string(drop.at) + ")");
}

}  // namespace junctor::simulation
