#include "tests/simulation/checker/reading.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "tests/simulation/checker/reference.hpp"

namespace junctor::simulation {

Reading::Reading(const History& history) : history_(history) {
    for (const RulesInForce& rules : history.rules) rests_.push_back(rules.from);
    rests_.push_back(end());
}

std::size_t Reading::holder(std::size_t life) const {
    const std::size_t session = life_of(life).session;
    if (session == 0) return life;
    for (std::size_t at = 0;; ++at)
        if (life_of(at).session == session) return at;
}

std::size_t Reading::number_of(const Arrival& arrival) const {
    std::size_t number = unknown;
    std::from_chars(arrival.payload.data(), arrival.payload.data() + arrival.payload.size(), number);
    return number < history_.publications.size() ? number : unknown;
}

std::string Reading::told(const Arrival& arrival) const {
    return "message " + arrival.payload + " on " + arrival.topic + " to " + life_of(arrival.life).client + " (step " + std::to_string(arrival.at) + ")";
}

std::string Reading::told(std::size_t publication) const {
    const Publication& sent = history_.publications[publication];
    return "message " + std::to_string(publication) + " on " + sent.topic + " from " + life_of(sent.life).client + " (step " + std::to_string(sent.sent) + ")";
}

bool Reading::shared(const Subscription& each) { return !each.prefix && reference_inner(each.filter) != each.filter; }

bool Reading::matches(const Subscription& each, const std::string& topic) {
    return each.prefix ? reference_prefix_match(each.filter, topic) : reference_match(reference_inner(each.filter), topic);
}

std::string Reading::judged(const Subscription& each) {
    return each.prefix ? reference_interest(each.filter) : std::string(reference_inner(each.filter));
}

// What waited for a client that did not read may come behind the end of the subscription; what was sent after it, never.
bool Reading::serves(const Subscription& each, const Arrival& arrival, const Publication& sent) const {
    return history_.same_holder(each.life, arrival.life) && each.asked < arrival.at && (each.left == 0 || each.left > earliest(sent)) && each.refused == 0 &&
           matches(each, arrival.topic);
}

std::set<std::string> Reading::ways(const Arrival& arrival, const Publication& sent) const {
    std::set<std::string> all;
    for (const Subscription& each : history_.subscriptions)
        if (serves(each, arrival, sent) && !(arrival.retain && shared(each))) all.insert(shared(each) ? each.filter : "");
    return all;
}

bool Reading::by_group(const Arrival& arrival, const Publication& sent) const {
    const std::set<std::string> all = ways(arrival, sent);
    return !all.empty() && !all.rbegin()->empty();
}

const Subscription* Reading::subscribed_throughout(Step from, Step until, std::size_t life, const std::string& topic) const {
    const auto found = std::find_if(history_.subscriptions.begin(), history_.subscriptions.end(), [&](const Subscription& each) {
        return !shared(each) && history_.same_holder(each.life, life) && matches(each, topic) && each.granted != 0 && each.granted < from &&
               (each.leaving == 0 || each.leaving > until) && allowed_throughout(each.granted, until, life_of(life).principal, Verb::subscribe, judged(each));
    });
    return found == history_.subscriptions.end() ? nullptr : &*found;
}

bool Reading::parted(Step from, Step until) const {
    Step since = 0;
    for (const Step rest : rests_)
        if (rest <= from) since = rest;
    return std::any_of(history_.faults.begin(), history_.faults.end(), [&](const Fault& each) { return each.parts && each.at > since && each.at < until; });
}

bool Reading::taken_away(const Arrival& shown, Step until) const {
    const Life& life = life_of(shown.life);
    return life.session != 0 && shown.qos != Qos::at_most_once && life.ended != 0 && life.ended < until &&
           !allowed_throughout(shown.at, until, life.principal, Verb::receive, shown.topic);
}

bool Reading::may_come_again(const Publication& sent, Step until) const {
    if (!parted(sent.sent, until)) return false;
    const std::vector<Publication>& all = history_.publications;
    return sent.qos != Qos::at_most_once || (sent.retain && std::any_of(all.begin(), all.end(), [&](const Publication& each) {
               return each.retain && each.qos != Qos::at_most_once && each.topic == sent.topic;
           }));
}

Step Reading::rest_after(Step step) const {
    return *std::upper_bound(rests_.begin(), rests_.end(), step);
}

bool Reading::accepted(const Publication& sent) const {
    const std::string& principal = life_of(sent.life).principal;
    if (sent.will ? !allowed_always(principal, Verb::publish, sent.topic) : !allowed_at(sent.sent, principal, Verb::publish, sent.topic)) return false;
    if (sent.qos > history_.most_qos) return false;
    const bool joined = history_.gateways == 1 || sent.sent > rest_after(rests_.front());
    if (sent.qos == Qos::at_most_once && (!joined || parted(sent.sent, rest_after(sent.sent)))) return false;
    return sent.acknowledged != 0 || (sent.qos == Qos::at_most_once && sent.handed != 0 && sent.refused == 0);
}

bool Reading::allowed_sometime(Step from, Step until, const std::string& principal, Verb verb, const std::string& object) const {
    for (std::size_t at = 0; at < history_.rules.size(); ++at) {
        const Step over = at + 1 < history_.rules.size() ? history_.rules[at + 1].from : end();
        if (over < from || history_.rules[at].from > until) continue;
        if (reference_allows(history_.rules[at].rules, principal, verb, object)) return true;
    }
    return false;
}

bool Reading::allowed_throughout(Step from, Step until, const std::string& principal, Verb verb, const std::string& object) const {
    for (std::size_t at = 0; at < history_.rules.size(); ++at) {
        const bool over = at + 1 < history_.rules.size() && history_.rules[at + 1].from <= from;
        if (over || history_.rules[at].from >= until) continue;
        if (!reference_allows(history_.rules[at].rules, principal, verb, object)) return false;
    }
    return true;
}

bool Reading::allowed_always(const std::string& principal, Verb verb, const std::string& object) const {
    return std::all_of(history_.rules.begin(), history_.rules.end(),
                       [&](const RulesInForce& each) { return reference_allows(each.rules, principal, verb, object); });
}

bool Reading::allowed_at(Step step, const std::string& principal, Verb verb, const std::string& object) const {
    const auto later = std::find_if(history_.rules.begin(), history_.rules.end(), [&](const RulesInForce& each) { return each.from > step; });
    return reference_allows(std::prev(later)->rules, principal, verb, object);
}

}  // namespace junctor::simulation
