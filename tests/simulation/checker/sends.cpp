#include <algorithm>
#include <map>

#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {
namespace {

bool for_a_group(const History& history, const Publication& sent) {
    return std::any_of(history.subscriptions.begin(), history.subscriptions.end(), [&](const Subscription& each) {
        return Reading::shared(each) && Reading::matches(each, sent.topic);
    });
}

bool somebody_left_after(const History& history, Step step) {
    return std::any_of(history.lives.begin(), history.lives.end(), [&](const Life& life) { return std::max(life.ended, life.noticed) > step; });
}

/// As the gateway knows it.
std::string receiver(const Reading& reading, std::size_t life) {
    const std::string& crowd = reading.life_of(life).crowd;
    return crowd.empty() ? std::to_string(reading.holder(life)) : crowd;
}

/// Whoever it was given to, in order, and what reached him; null: libzmq kept it from him.
using Receivers = std::vector<std::pair<std::string, const Arrival*>>;

/// Those to whom it was left.
std::size_t count_of(const Reading& reading, const Receivers& all) {
    std::set<std::string> kept;
    for (const auto& [name, shown] : all) {
        const bool gone = shown && std::any_of(all.begin(), all.end(), [&](const auto& later) {
            return later.first != name && later.second && reading.taken_away(*shown, later.second->at);
        });
        if (!gone) kept.insert(name);
    }
    return kept.size();
}

/// A durable session may hold what it may not show any more.
bool waits_forbidden(const History& history, Step since) { return history.sessions > 0 && history.rules.back().from > since; }

}  // namespace

// One of all, and exactly one when it was taken and nobody went away meanwhile.
void check_sends(const Reading& reading, Sentences& broken) {
    const History& history = reading.history();
    std::map<std::string, Receivers> receivers;  // a durable session may be shown it again
    for (const Arrival& arrival : history.arrivals) receivers[arrival.payload].emplace_back(receiver(reading, arrival.life), &arrival);
    for (const Drop& drop : history.drops) receivers[drop.payload].emplace_back(receiver(reading, drop.life), nullptr);
    for (std::size_t number = 0; number < history.publications.size(); ++number) {
        const Publication& sent = history.publications[number];
        if (sent.kind != Kind::send) continue;
        const std::size_t count = count_of(reading, receivers[std::to_string(number)]);
        const bool somebody_left = somebody_left_after(history, sent.sent);
        if (count > 1 && !(somebody_left && for_a_group(history, sent))) broken.push_back("sent to one, reached several: " + reading.told(number));
        if (count == 0 && sent.acknowledged != 0 && !somebody_left && !waits_forbidden(history, sent.sent))
            broken.push_back("sent to one, taken, and lost: " + reading.told(number));
    }
}

}  // namespace junctor::simulation
