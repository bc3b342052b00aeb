#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {

void check_goodbyes(const Reading& reading, Sentences& broken) {
    for (const Fault& fault : reading.history().faults) {
        if (!fault.drains) continue;
        for (const Life& life : reading.history().lives)
            if (life.gateway == fault.gateway && life.opened < fault.at && (life.ended == 0 || life.ended > fault.at) && life.told == 0 && !life.sent_away)
                broken.push_back(life.client + " never heard that the gateway goes (step " + std::to_string(fault.at) + ")");
    }
}

}  // namespace junctor::simulation
