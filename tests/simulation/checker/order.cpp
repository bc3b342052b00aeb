#include <algorithm>
#include <map>
#include <tuple>

#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {
namespace {

/// What waits in a durable session may be overtaken by what does not wait.
bool waits(const Reading& reading, const Arrival& arrival) {
    return reading.life_of(arrival.life).session != 0 && arrival.qos != Qos::at_most_once;
}

// Of the same publisher. A group's copy comes by the group's home, apart from the rest.
void check_retained(const Reading& reading, const Arrival& replay, std::size_t number, Sentences& broken) {
    const Publication& replayed = reading.history().publications[number];
    if (!replayed.retain) broken.push_back("not retained, but replayed: " + reading.told(replay));
    for (const Arrival& before : reading.history().arrivals) {
        if (before.at >= replay.at) break;
        const std::size_t other = reading.number_of(before);
        if (other == Reading::unknown || before.life != replay.life || other <= number || waits(reading, before) != waits(reading, replay)) continue;
        const Publication& newer = reading.history().publications[other];
        if (newer.retain && newer.life == replayed.life && newer.topic == replayed.topic && !reading.by_group(before, newer))
            broken.push_back("older than message " + before.payload + ": " + reading.told(replay));
    }
}

}  // namespace

// Of what goes to all: a message for one, or for a group, which one core could not place, goes on to the next.
void check_order(const Reading& reading, Sentences& broken) {
    std::map<std::tuple<std::size_t, std::size_t, std::string, bool>, std::size_t> last;
    std::map<std::pair<std::size_t, std::string>, std::size_t> copies;
    for (const Arrival& arrival : reading.history().arrivals) ++copies[{arrival.life, arrival.payload}];
    for (const Drop& drop : reading.history().drops) ++copies[{drop.life, drop.payload}];
    for (const Arrival& arrival : reading.history().arrivals) {
        const std::size_t number = reading.number_of(arrival);
        if (number == Reading::unknown) continue;
        const Publication& sent = reading.history().publications[number];
        if (arrival.retain) check_retained(reading, arrival, number, broken);
        if (arrival.retain || sent.will || sent.kind == Kind::send || reading.by_group(arrival, sent)) continue;
        // After the broker was away some come again, which puts none of their copies behind or before anything, nor the one of him who had subscribed
        // only in between. A retained value that was lost comes when the broker is back, behind whatever was not.
        const bool comes_again = copies[{arrival.life, arrival.payload}] > 1 || !reading.subscribed_throughout(sent.sent, arrival.at, arrival.life, sent.topic);
        if ((comes_again && reading.may_come_again(sent, arrival.at)) || (sent.retain && reading.parted(sent.sent, arrival.at))) continue;
        const auto [place, first] = last.try_emplace({arrival.life, sent.life, sent.topic, waits(reading, arrival)}, number);
        if (!first && number < place->second) broken.push_back("after message " + std::to_string(place->second) + ": " + reading.told(arrival));
        place->second = std::max(place->second, number);
    }
}

}  // namespace junctor::simulation
