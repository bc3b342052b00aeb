#include <algorithm>
#include <iterator>

#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {
namespace {

bool there(const Life& life, Step rest) { return life.opened < rest && (life.ended == 0 || life.ended > rest); }

bool somebody_there(const History& history, std::size_t holder, Step rest) {
    for (std::size_t at = 0; at < history.lives.size(); ++at)
        if (history.same_holder(at, holder) && there(history.lives[at], rest)) return true;
    return false;
}

/// By when a message is with whoever stays connected, in order: when all is at rest, and when a gateway is asked to end that has taken it itself.
std::vector<Step> ends_of_waiting(const Reading& reading, const Subscription& each, const Publication& sent) {
    std::vector<Step> all;
    std::copy_if(reading.rests().begin(), reading.rests().end(), std::back_inserter(all), [&](Step rest) { return rest > sent.sent; });
    const Step settled = sent.acknowledged != 0 ? sent.acknowledged : sent.handed;
    for (const Fault& fault : reading.history().faults)
        if (fault.drains && reading.history().gateways == 1 && settled < fault.at && each.leaving == 0 && !reading.life_of(each.life).sent_away) all.push_back(fault.at);
    std::sort(all.begin(), all.end());
    return all;
}

/// Rules change only when all is at rest: whoever is connected then has got all that was for it, under the rules until then. What waits
/// for somebody who is away is judged again when it goes out. 0: it stayed for no rest, and may have missed it.
Step due_at(const Reading& reading, const Subscription& each, const Publication& sent) {
    const bool waits = reading.life_of(each.life).session != 0 && std::min(each.qos, sent.qos) != Qos::at_most_once;
    for (const Step rest : waits ? reading.rests() : ends_of_waiting(reading, each, sent)) {
        if (rest <= sent.sent) continue;
        if (waits ? somebody_there(reading.history(), each.life, rest) : there(reading.life_of(each.life), rest)) return rest;
        if (!waits) return 0;
    }
    return 0;
}

bool must_get(const Reading& reading, const Subscription& each, const Publication& sent) {
    if (each.granted == 0 || each.granted >= reading.earliest(sent) || Reading::shared(each) || !Reading::matches(each, sent.topic)) return false;
    const Step due = due_at(reading, each, sent);
    if (due == 0 || (each.leaving != 0 && each.leaving < due)) return false;
    const std::string& principal = reading.life_of(each.life).principal;
    return reading.allowed_throughout(each.granted, due, principal, Verb::subscribe, Reading::judged(each)) &&
           reading.allowed_throughout(sent.sent, due, principal, Verb::receive, sent.topic);
}

}  // namespace

void check_delivered(const Reading& reading, Sentences& broken) {
    const History& history = reading.history();
    std::set<std::pair<std::size_t, std::string>> arrived;
    for (const Arrival& arrival : history.arrivals) arrived.emplace(reading.holder(arrival.life), arrival.payload);
    for (const Drop& drop : history.drops) arrived.emplace(reading.holder(drop.life), drop.payload);
    for (std::size_t number = 0; number < history.publications.size(); ++number) {
        const Publication& sent = history.publications[number];
        if (sent.kind != Kind::publish || !reading.accepted(sent)) continue;
        for (const Subscription& each : history.subscriptions)
            if (must_get(reading, each, sent) && !arrived.contains({reading.holder(each.life), std::to_string(number)}))
                broken.push_back(reading.told(number) + " never reached " + reading.life_of(each.life).client);
    }
}

}  // namespace junctor::simulation
