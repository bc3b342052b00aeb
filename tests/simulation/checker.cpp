#include "tests/simulation/checker.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "tests/simulation/reference.hpp"

namespace junctor::simulation {
namespace {

class Checker {
public:
    explicit Checker(const History& history) : history_(history) {
        for (const RulesInForce& rules : history.rules) rests_.push_back(rules.from);
        rests_.push_back(history.now + 1);
    }

    std::vector<std::string> run() {
        for (const Arrival& arrival : history_.arrivals) check_expected(arrival);
        check_copies();
        check_exactly_once();
        check_order();
        check_delivered();
        check_members();
        check_groups_delivered();
        check_sends();
        check_requests();
        check_names();
        return std::move(broken_);
    }

private:
    static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

    std::size_t number_of(const Arrival& arrival) const {
        std::size_t number = unknown;
        std::from_chars(arrival.payload.data(), arrival.payload.data() + arrival.payload.size(), number);
        return number < history_.publications.size() ? number : unknown;
    }

    const Life& life_of(std::size_t index) const { return history_.lives[index]; }

    std::string told(const Arrival& arrival) const {
        return "message " + arrival.payload + " on " + arrival.topic + " to " + life_of(arrival.life).client + " (step " + std::to_string(arrival.at) + ")";
    }
    void broken(std::string sentence) { broken_.push_back(std::move(sentence)); }

    bool allowed_sometime(Step from, Step until, const std::string& principal, Verb verb, const std::string& object) const {
        for (std::size_t at = 0; at < history_.rules.size(); ++at) {
            const Step end = at + 1 < history_.rules.size() ? history_.rules[at + 1].from : history_.now + 1;
            if (end < from || history_.rules[at].from > until) continue;
            if (reference_allows(history_.rules[at].rules, principal, verb, object)) return true;
        }
        return false;
    }
    bool allowed_always(const std::string& principal, Verb verb, const std::string& object) const {
        return std::all_of(history_.rules.begin(), history_.rules.end(),
                           [&](const RulesInForce& each) { return reference_allows(each.rules, principal, verb, object); });
    }

    // Nothing unexpected, and nothing that the policy forbids.
    void check_expected(const Arrival& arrival) {
        const std::size_t number = number_of(arrival);
        if (number == unknown) return broken("nobody sent " + told(arrival));
        const Publication& sent = history_.publications[number];
        const Life& publisher = life_of(sent.life);
        const Life& receiver = life_of(arrival.life);
        if (sent.topic != arrival.topic) broken("another topic than " + sent.topic + ": " + told(arrival));
        if (arrival.qos > sent.qos) broken("a higher QoS than sent: " + told(arrival));
        if (receiver.carries_type && arrival.content_type != sent.content_type) broken("another content type: " + told(arrival));
        if (!subscribed(arrival, sent)) broken("no subscription for " + told(arrival));
        const Verb asked = sent.kind == Kind::request ? Verb::request : Verb::publish;
        if (!allowed_sometime(sent.sent, arrival.at, publisher.principal, asked, sent.topic)) broken("must not be sent: " + told(arrival));
        if (!allowed_sometime(sent.sent, arrival.at, receiver.principal, Verb::receive, arrival.topic)) broken("must not be received: " + told(arrival));
    }

    bool subscribed(const Arrival& arrival, const Publication& sent) const { return copies(arrival, sent) > 0; }

    // What waited for a client that did not read may come behind the end of the subscription; what was sent after it, never.
    bool serves(const Subscription& each, const Arrival& arrival, const Publication& sent) const {
        return history_.same_holder(each.life, arrival.life) && each.asked < arrival.at && (each.left == 0 || each.left > sent.sent) && each.refused == 0 &&
               reference_match(reference_inner(each.filter), arrival.topic);
    }

    /// By which a message can have come: the groups by name, and the filters of its own as one, without. To a group nothing is replayed.
    std::set<std::string> ways(const Arrival& arrival, const Publication& sent) const {
        std::set<std::string> all;
        for (const Subscription& each : history_.subscriptions)
            if (serves(each, arrival, sent) && !(arrival.retain && shared(each))) all.insert(shared(each) ? each.filter : "");
        return all;
    }
    std::size_t copies(const Arrival& arrival, const Publication& sent) const { return ways(arrival, sent).size(); }
    static bool shared(const Subscription& each) { return reference_inner(each.filter) != each.filter; }

    // One copy for each session, however many of its filters match, and one of each group. A retained message comes again with each new
    // subscription.
    void check_copies() {
        std::map<std::pair<std::size_t, std::string>, std::size_t> seen;
        for (const Arrival& arrival : history_.arrivals)
            if (!arrival.retain && too_many(++seen[{arrival.life, arrival.payload}], arrival)) broken("twice: " + told(arrival));
    }

    // At QoS 2 once for a durable session, whatever happened to its connections and to the gateway.
    void check_exactly_once() {
        std::map<std::pair<std::size_t, std::string>, std::size_t> seen;
        for (const Arrival& arrival : history_.arrivals) {
            const std::size_t session = life_of(arrival.life).session;
            if (session == 0 || arrival.retain || arrival.qos != Qos::exactly_once) continue;
            if (too_many(++seen[{session, arrival.payload}], arrival)) broken("twice, at QoS 2: " + told(arrival));
        }
    }

    bool too_many(std::size_t count, const Arrival& arrival) const {
        const std::size_t number = number_of(arrival);
        return count > 1 && (number == unknown || count > copies(arrival, history_.publications[number]));
    }

    /// By a group and no other way; else empty.
    std::string group_of(const Arrival& arrival) const {
        const std::size_t number = number_of(arrival);
        if (number == unknown || arrival.retain) return {};
        const std::set<std::string> all = ways(arrival, history_.publications[number]);
        return all.size() == 1 ? *all.begin() : std::string();
    }

    // One member of a group, and another only when the first has gone and had not got done with it.
    void check_members() {
        std::map<std::pair<std::string, std::string>, const Arrival*> given;
        for (const Arrival& arrival : history_.arrivals) {
            const std::string group = group_of(arrival);
            if (group.empty()) continue;
            const Arrival*& last = given[{group, arrival.payload}];
            if (last && holder(last->life) != holder(arrival.life) && !gives_back(*last, arrival.at))
                broken("to several members of " + group + ": " + told(*last) + ", " + told(arrival));
            last = &arrival;
        }
    }

    /// Only MQTT at QoS 1 knows what its client has not acknowledged; a durable session lasts.
    bool gives_back(const Arrival& given, Step before) const {
        const Life& life = life_of(given.life);
        return life.principal == "mqtt" && life.session == 0 && given.qos == Qos::at_least_once && life.ended != 0 && life.ended < before;
    }

    // What was taken for a group reaches a member, where none of them could lose it with its connection or its rights.
    void check_groups_delivered() {
        std::set<std::string> arrived;
        for (const Arrival& arrival : history_.arrivals) arrived.insert(arrival.payload);
        for (std::size_t number = 0; number < history_.publications.size(); ++number) {
            const Publication& sent = history_.publications[number];
            if (sent.kind != Kind::publish || sent.will || arrived.contains(std::to_string(number)) || !accepted(sent)) continue;
            for (const Subscription& each : history_.subscriptions)
                if (shared(each) && stays(each, sent) && members_keep(each.filter, sent))
                    broken("message " + std::to_string(number) + " on " + sent.topic + " (step " + std::to_string(sent.sent) + ") reached nobody of " + each.filter);
        }
    }

    bool stays(const Subscription& each, const Publication& sent) const {
        const Life& life = life_of(each.life);
        return each.granted != 0 && each.granted < sent.sent && each.leaving == 0 && (life.session != 0 || life.ended == 0) &&
               reference_match(reference_inner(each.filter), sent.topic);
    }

    bool members_keep(const std::string& group, const Publication& sent) const {
        return std::all_of(history_.subscriptions.begin(), history_.subscriptions.end(),
                           [&](const Subscription& each) { return each.filter != group || !may_be_given(each, sent) || keeps(each, sent); });
    }

    bool may_be_given(const Subscription& each, const Publication& sent) const {
        const Life& life = life_of(each.life);
        const bool gone = life.session == 0 && life.ended != 0 && std::max(life.ended, life.noticed) < sent.sent;
        return !gone && each.refused == 0 && (each.left == 0 || each.left > sent.sent);
    }

    /// What it is given arrives, or goes to another member.
    bool keeps(const Subscription& each, const Publication& sent) const {
        const Life& life = life_of(each.life);
        const Step end = history_.now + 1;
        if (!allowed_throughout(each.asked, end, life.principal, Verb::subscribe, std::string(reference_inner(each.filter))) ||
            !allowed_throughout(sent.sent, end, life.principal, Verb::receive, sent.topic))
            return false;
        const Qos qos = std::min(each.qos, sent.qos);
        if (life.session != 0) return qos != Qos::at_most_once;
        const bool goes_back = life.principal == "mqtt" && qos == Qos::at_least_once && !all_ended_after(sent.sent);
        return life.ended == 0 || goes_back;
    }

    bool all_ended_after(Step step) const {
        return std::any_of(history_.faults.begin(), history_.faults.end(), [&](const Fault& each) { return each.all_end && each.at > step; });
    }

    // Of what goes to all: a message for one, or for a group, which one core could not place, goes on to the next.
    void check_order() {
        std::map<std::tuple<std::size_t, std::size_t, std::string, bool>, std::size_t> last;
        for (const Arrival& arrival : history_.arrivals) {
            const std::size_t number = number_of(arrival);
            if (number == unknown) continue;
            const Publication& sent = history_.publications[number];
            if (arrival.retain) check_retained(arrival, sent, number);
            if (arrival.retain || sent.will || sent.kind == Kind::send || by_group(arrival, sent)) continue;
            const auto [place, first] = last.try_emplace({arrival.life, sent.life, sent.topic, waits(arrival)}, number);
            if (!first && number < place->second) broken("after message " + std::to_string(place->second) + ": " + told(arrival));
            place->second = std::max(place->second, number);
        }
    }

    bool by_group(const Arrival& arrival, const Publication& sent) const {
        const std::set<std::string> all = ways(arrival, sent);
        return !all.empty() && !all.rbegin()->empty();
    }

    /// What waits in a durable session may be overtaken by what does not wait.
    bool waits(const Arrival& arrival) const { return life_of(arrival.life).session != 0 && arrival.qos != Qos::at_most_once; }

    // Never an older retained value after a newer one of the same publisher. A group's copy comes by the group's home, apart from the rest.
    void check_retained(const Arrival& replay, const Publication& replayed, std::size_t number) {
        if (!replayed.retain) broken("not retained, but replayed: " + told(replay));
        for (const Arrival& before : history_.arrivals) {
            if (before.at >= replay.at) break;
            const std::size_t other = number_of(before);
            if (other == unknown || before.life != replay.life || other <= number || waits(before) != waits(replay)) continue;
            const Publication& newer = history_.publications[other];
            if (newer.retain && newer.life == replayed.life && newer.topic == replayed.topic && !by_group(before, newer)) broken("older than message " + before.payload + ": " + told(replay));
        }
    }

    bool accepted(const Publication& sent) const {
        const std::string& principal = life_of(sent.life).principal;
        if (sent.will ? !allowed_always(principal, Verb::publish, sent.topic) : !allowed_at(sent.sent, principal, Verb::publish, sent.topic)) return false;
        return sent.acknowledged != 0 || (sent.qos == Qos::at_most_once && sent.handed != 0 && sent.refused == 0);
    }

    // What the gateway has taken reaches everybody whose subscription was confirmed before it was sent, and who stayed.
    void check_delivered() {
        std::set<std::pair<std::size_t, std::string>> arrived;
        for (const Arrival& arrival : history_.arrivals) arrived.emplace(holder(arrival.life), arrival.payload);
        for (std::size_t number = 0; number < history_.publications.size(); ++number) {
            const Publication& sent = history_.publications[number];
            if (sent.kind != Kind::publish || !accepted(sent)) continue;
            for (const Subscription& each : history_.subscriptions)
                if (must_get(each, sent) && !arrived.contains({holder(each.life), std::to_string(number)}))
                    broken("message " + std::to_string(number) + " on " + sent.topic + " from " + life_of(sent.life).client + " (step " +
                           std::to_string(sent.sent) + ") never reached " + life_of(each.life).client);
        }
    }

    bool must_get(const Subscription& each, const Publication& sent) const {
        const Step earliest = sent.will ? life_of(sent.life).opened : sent.sent;  // its client may hear late that it has gone
        if (each.granted == 0 || each.granted >= earliest || !reference_match(each.filter, sent.topic)) return false;
        const Step due = due_at(each, sent);
        if (due == 0 || (each.leaving != 0 && each.leaving < due)) return false;
        const std::string& principal = life_of(each.life).principal;
        return allowed_throughout(each.granted, due, principal, Verb::subscribe, each.filter) &&
               allowed_throughout(sent.sent, due, principal, Verb::receive, sent.topic);
    }

    /// Rules change only when all is at rest: whoever is connected then has got all that was for it, under the rules until then. What waits
    /// for somebody who is away is judged again when it goes out. 0: it stayed for no rest, and may have missed it.
    Step due_at(const Subscription& each, const Publication& sent) const {
        const bool waits = life_of(each.life).session != 0 && std::min(each.qos, sent.qos) != Qos::at_most_once;
        for (const Step rest : rests_) {
            if (rest <= sent.sent) continue;
            if (waits ? somebody_there(each.life, rest) : there(life_of(each.life), rest)) return rest;
            if (!waits) return 0;
        }
        return 0;
    }

    static bool there(const Life& life, Step rest) { return life.opened < rest && (life.ended == 0 || life.ended > rest); }
    bool somebody_there(std::size_t holder, Step rest) const {
        for (std::size_t at = 0; at < history_.lives.size(); ++at)
            if (history_.same_holder(at, holder) && there(life_of(at), rest)) return true;
        return false;
    }

    bool allowed_throughout(Step from, Step until, const std::string& principal, Verb verb, const std::string& object) const {
        for (std::size_t at = 0; at < history_.rules.size(); ++at) {
            const bool over = at + 1 < history_.rules.size() && history_.rules[at + 1].from <= from;
            if (over || history_.rules[at].from >= until) continue;
            if (!reference_allows(history_.rules[at].rules, principal, verb, object)) return false;
        }
        return true;
    }

    bool allowed_at(Step step, const std::string& principal, Verb verb, const std::string& object) const {
        const auto later = std::find_if(history_.rules.begin(), history_.rules.end(), [&](const RulesInForce& each) { return each.from > step; });
        return reference_allows(std::prev(later)->rules, principal, verb, object);
    }

    /// All lives of a durable session are one.
    std::size_t holder(std::size_t life) const {
        const std::size_t session = life_of(life).session;
        if (session == 0) return life;
        for (std::size_t at = 0;; ++at)
            if (life_of(at).session == session) return at;
    }

    // One of all, and exactly one when it was taken and nobody went away meanwhile.
    void check_sends() {
        std::map<std::string, std::set<std::size_t>> receivers;  // a durable session may be shown it again
        for (const Arrival& arrival : history_.arrivals) receivers[arrival.payload].insert(holder(arrival.life));
        for (std::size_t number = 0; number < history_.publications.size(); ++number) {
            const Publication& sent = history_.publications[number];
            if (sent.kind != Kind::send) continue;
            const std::size_t count = receivers[std::to_string(number)].size();
            if (count > 1 && !(somebody_left_after(sent.sent) && for_a_group(sent))) broken("sent to one, reached several: message " + std::to_string(number));
            if (count == 0 && sent.acknowledged != 0 && !somebody_left_after(sent.sent) && !waits_forbidden(sent.sent)) broken("sent to one, taken, and lost: message " + std::to_string(number));
        }
    }

    bool for_a_group(const Publication& sent) const {
        return std::any_of(history_.subscriptions.begin(), history_.subscriptions.end(), [&](const Subscription& each) {
            return shared(each) && reference_match(reference_inner(each.filter), sent.topic);
        });
    }

    bool somebody_left_after(Step step) const {
        return std::any_of(history_.lives.begin(), history_.lives.end(),
                           [&](const Life& life) { return std::max(life.ended, life.noticed) > step; });
    }

    /// A durable session may hold what it may not show any more.
    bool waits_forbidden(Step since) const { return history_.sessions > 0 && history_.rules.back().from > since; }

    // Exactly one outcome, for whoever is still there to hear it.
    void check_requests() {
        for (std::size_t number = 0; number < history_.publications.size(); ++number) {
            const Publication& asked = history_.publications[number];
            if (asked.kind != Kind::request) continue;
            const std::string name = "request " + std::to_string(number) + " of " + life_of(asked.life).client;
            if (asked.outcomes.size() > 1) broken(name + " has several outcomes");
            if (asked.outcomes.empty() && life_of(asked.life).ended == 0) broken(name + " has no outcome");
            for (const std::string& outcome : asked.outcomes)
                if (outcome != "error" && outcome != "re:" + std::to_string(number)) broken(name + " got another's reply: " + outcome);
        }
    }

    void check_names() {
        std::map<std::string, int> alive;
        for (const Life& life : history_.lives)
            if (!life.name.empty() && life.ended == 0 && ++alive[life.name] == 2) broken("two sessions are named " + life.name);
    }

    const History& history_;
    std::vector<Step> rests_;  ///< when all was at rest, the end among them
    std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> broken_promises(const History& history) { return Checker(history).run(); }

}  // namespace junctor::simulation
