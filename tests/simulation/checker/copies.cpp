#include <map>

#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {
namespace {

bool too_many(const Reading& reading, std::size_t count, const Arrival& arrival) {
    const std::size_t number = reading.number_of(arrival);
    if (count < 2 || number == Reading::unknown) return count > 1;
    const Publication& sent = reading.history().publications[number];
    return count > reading.copies(arrival, sent) && !reading.may_come_again(sent, arrival.at);
}

}  // namespace

// However many of its filters match, and one of each group. A retained message comes again with each new subscription. At QoS 2 a durable
// session gets it once, whatever happened to its connections and to the gateway.
void check_copies(const Reading& reading, Sentences& broken) {
    std::map<std::pair<std::size_t, std::string>, std::size_t> in_life, in_session;
    for (const Arrival& arrival : reading.history().arrivals) {
        if (arrival.retain) continue;
        if (too_many(reading, ++in_life[{arrival.life, arrival.payload}], arrival)) broken.push_back("twice: " + reading.told(arrival));
        const std::size_t session = reading.life_of(arrival.life).session;
        if (session == 0 || arrival.qos != Qos::exactly_once) continue;
        if (too_many(reading, ++in_session[{session, arrival.payload}], arrival)) broken.push_back("twice, at QoS 2: " + reading.told(arrival));
    }
}

}  // namespace junctor::simulation
