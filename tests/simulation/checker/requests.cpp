#include <map>

#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {

// For whoever is still there to hear it.
void check_requests(const Reading& reading, Sentences& broken) {
    const History& history = reading.history();
    for (std::size_t number = 0; number < history.publications.size(); ++number) {
        const Publication& asked = history.publications[number];
        if (asked.kind != Kind::request) continue;
        const std::string name = "request " + std::to_string(number) + " of " + reading.life_of(asked.life).client;
        if (asked.outcomes.size() > 1) broken.push_back(name + " has several outcomes");
        if (asked.outcomes.empty() && reading.life_of(asked.life).ended == 0) broken.push_back(name + " has no outcome");
        for (const std::string& outcome : asked.outcomes)
            if (outcome != "error" && outcome != "re:" + std::to_string(number)) broken.push_back(name + " got another's reply: " + outcome);
    }
}

// Of one principal, where there are several gateways: nobody takes another one's session from afar.
void check_names(const Reading& reading, Sentences& broken) {
    const History& history = reading.history();
    std::map<std::pair<std::string, std::string>, int> alive;
    for (const Life& life : history.lives) {
        const std::string whose = history.gateways > 1 ? life.principal : "";
        if (!life.name.empty() && life.ended == 0 && ++alive[{life.name, whose}] == 2) broken.push_back("two sessions are named " + life.name);
    }
}

}  // namespace junctor::simulation
