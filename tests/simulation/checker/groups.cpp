#include <algorithm>
#include <map>

#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {
namespace {

/// By a group and no other way; else empty.
std::string group_of(const Reading& reading, const Arrival& arrival) {
    const std::size_t number = reading.number_of(arrival);
    if (number == Reading::unknown || arrival.retain) return {};
    const std::set<std::string> all = reading.ways(arrival, reading.history().publications[number]);
    return all.size() == 1 ? *all.begin() : std::string();
}

/// Only MQTT at QoS 1 knows what its client has not acknowledged; a durable session lasts.
bool gives_back(const Life& life, const Arrival& given, Step before) {
    return life.principal == "mqtt" && life.session == 0 && given.qos == Qos::at_least_once && life.ended != 0 && life.ended < before;
}

/// A will that went before the process died, which nothing on disk said. At QoS 2 none goes twice.
bool goes_again(const Publication& sent, Step first, Step second) {
    return sent.will && sent.qos != Qos::exactly_once && first < sent.forgotten && sent.forgotten < second;
}

// One member, and another only when the first has gone and had not got done with it.
void check_members(const Reading& reading, Sentences& broken) {
    std::map<std::pair<std::string, std::string>, const Arrival*> given;
    for (const Arrival& arrival : reading.history().arrivals) {
        const std::string group = group_of(reading, arrival);
        if (group.empty()) continue;
        const Publication& sent = reading.history().publications[reading.number_of(arrival)];
        const Arrival*& last = given[{group, arrival.payload}];
        if (last && reading.holder(last->life) != reading.holder(arrival.life) && !gives_back(reading.life_of(last->life), *last, arrival.at) &&
            !reading.taken_away(*last, arrival.at) && !goes_again(sent, last->at, arrival.at) && !reading.may_come_again(sent, arrival.at))
            broken.push_back("to several members of " + group + ": " + reading.told(*last) + ", " + reading.told(arrival));
        last = &arrival;
    }
}

/// From before the message was sent until all is at rest, when it has it.
bool stays(const Reading& reading, const Subscription& each, const Publication& sent) {
    const Life& life = reading.life_of(each.life);
    const Step rest = reading.rest_after(sent.sent);
    const bool there = life.session != 0 ? each.leaving == 0 : (each.leaving == 0 || each.leaving > rest) && (life.ended == 0 || life.ended > rest);
    return there && each.granted != 0 && each.granted < sent.sent && Reading::matches(each, sent.topic);
}

bool may_be_given(const Reading& reading, const Subscription& each, const Publication& sent) {
    const Life& life = reading.life_of(each.life);
    const bool gone = life.session == 0 && life.ended != 0 && std::max(life.ended, life.noticed) < sent.sent;
    return !gone && each.refused == 0 && (each.left == 0 || each.left > sent.sent);
}

/// What its gateway had for it, and nobody else had yet, went with that. One that ends in order hands it on, but for what waits in memory for a session that
/// would come back.
bool gateway_loses(const History& history, const Life& life, Step from, Step until) {
    return std::any_of(history.faults.begin(), history.faults.end(), [&](const Fault& each) {
        return each.all_end && each.gateway == life.gateway && each.at > from && each.at < until && (!each.in_order || life.session != 0);
    });
}

/// What it is given arrives, or goes to another member.
bool keeps(const Reading& reading, const Subscription& each, const Publication& sent) {
    const Life& life = reading.life_of(each.life);
    const Step rest = reading.rest_after(sent.sent);
    const Step until = life.session != 0 ? reading.end() : rest;
    if (!reading.allowed_throughout(each.asked, until, life.principal, Verb::subscribe, Reading::judged(each)) ||
        !reading.allowed_throughout(sent.sent, until, life.principal, Verb::receive, sent.topic))
        return false;
    const Qos qos = std::min(each.qos, sent.qos);
    if (life.session != 0) return qos != Qos::at_most_once;
    const bool goes_back = life.principal == "mqtt" && qos == Qos::at_least_once && !gateway_loses(reading.history(), life, sent.sent, rest);
    return life.ended == 0 || life.ended > rest || goes_back;
}

/// A broker may choose a gateway that a member has left before it heard of that; what it gave to one that dies it gives to nobody else.
bool members_keep(const Reading& reading, const std::string& group, const Publication& sent) {
    const std::vector<Subscription>& all = reading.history().subscriptions;
    const bool by_broker = reading.history().gateways > 1;
    const Step rest = reading.rest_after(sent.sent);
    return std::all_of(all.begin(), all.end(), [&](const Subscription& each) {
        if (each.filter != group) return true;
        if (by_broker && each.asked > rest) return true;
        if (by_broker && gateway_loses(reading.history(), reading.life_of(each.life), sent.sent, rest)) return false;
        return !may_be_given(reading, each, sent) || keeps(reading, each, sent);
    });
}

/// It gets a copy apart from the group's.
bool has_its_own(const Reading& reading, const Arrival& arrival, const Publication& sent) {
    const Subscription* const own = reading.subscribed_throughout(sent.sent, arrival.at, arrival.life, sent.topic);
    const bool waits = reading.life_of(arrival.life).session != 0;
    return own && !(waits && std::min(own->qos, sent.qos) == Qos::at_most_once);
}

/// A member has it as one of the group.
bool reached(const Reading& reading, const std::string& group, const Publication& sent, const std::vector<const Arrival*>& arrivals) {
    return std::any_of(arrivals.begin(), arrivals.end(), [&](const Arrival* each) {
        const auto copies = std::count_if(arrivals.begin(), arrivals.end(), [&](const Arrival* other) {
            return reading.holder(other->life) == reading.holder(each->life);
        });
        return reading.ways(*each, sent).contains(group) && copies > has_its_own(reading, *each, sent);
    });
}

// Where no member could lose it with its connection or its rights.
void check_reached(const Reading& reading, Sentences& broken) {
    const History& history = reading.history();
    std::map<std::string, std::vector<const Arrival*>> arrived;
    for (const Arrival& arrival : history.arrivals)
        if (!arrival.retain) arrived[arrival.payload].push_back(&arrival);
    for (std::size_t number = 0; number < history.publications.size(); ++number) {
        const Publication& sent = history.publications[number];
        if (sent.kind != Kind::publish || sent.will || !reading.accepted(sent)) continue;
        for (const Subscription& each : history.subscriptions)
            if (Reading::shared(each) && stays(reading, each, sent) && members_keep(reading, each.filter, sent) &&
                !reached(reading, each.filter, sent, arrived[std::to_string(number)]))
                broken.push_back(reading.told(number) + " reached nobody of " + each.filter);
    }
}

}  // namespace

void check_groups(const Reading& reading, Sentences& broken) {
    check_members(reading, broken);
    check_reached(reading, broken);
}

}  // namespace junctor::simulation
