#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/simulation/history.hpp"

namespace junctor::simulation {

/// What a history says beyond its own words: who is who, what matches what, and what the policy allowed when. For the rules.
class Reading {
public:
    static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

    explicit Reading(const History& history);

    const History& history() const noexcept { return history_; }
    /// When all was at rest, the end among them.
    const std::vector<Step>& rests() const noexcept { return rests_; }
    Step rest_after(Step step) const;
    Step end() const noexcept { return history_.now + 1; }

    const Life& life_of(std::size_t index) const { return history_.lives[index]; }
    /// All lives of a durable session are one: the first of them.
    std::size_t holder(std::size_t life) const;
    /// The publication that arrived; `unknown`: none.
    std::size_t number_of(const Arrival& arrival) const;
    std::string told(const Arrival& arrival) const;
    std::string told(std::size_t publication) const;

    static bool shared(const Subscription& each);
    static bool matches(const Subscription& each, const std::string& topic);
    /// The filter that the policy judges.
    static std::string judged(const Subscription& each);
    /// By which a message can have come: the groups by name, and the filters of its own as one, without. To a group nothing is replayed.
    std::set<std::string> ways(const Arrival& arrival, const Publication& sent) const;
    std::size_t copies(const Arrival& arrival, const Publication& sent) const { return ways(arrival, sent).size(); }
    /// Perhaps among others.
    bool by_group(const Arrival& arrival, const Publication& sent) const;

    /// One of its own and no group's, by which it was to have what came for the topic all that time; null: there is none.
    const Subscription* subscribed_throughout(Step from, Step until, std::size_t life, const std::string& topic) const;

    /// Before this nobody can have got it. The client of a will may hear late that it is due.
    Step earliest(const Publication& sent) const { return sent.will ? life_of(sent.life).opened : sent.sent; }
    /// Between the last rest before `from` and then the broker between two gateways was away from one of them: what is under way at QoS 0 may be
    /// lost, and anything else come again.
    bool parted(Step from, Step until) const;
    /// What may have come before `until` more often than once, for that reason. At QoS 0 only a retained value that is put right again when an older one
    /// has come again.
    bool may_come_again(const Publication& sent, Step until) const;
    /// A durable session that was shown it and had not got done with it may not have it any more by then: it goes to somebody else, where it is for one.
    bool taken_away(const Arrival& shown, Step until) const;
    /// The gateway took it: it answers for it.
    bool accepted(const Publication& sent) const;

    bool allowed_sometime(Step from, Step until, const std::string& principal, Verb verb, const std::string& object) const;
    bool allowed_throughout(Step from, Step until, const std::string& principal, Verb verb, const std::string& object) const;
    bool allowed_always(const std::string& principal, Verb verb, const std::string& object) const;
    bool allowed_at(Step step, const std::string& principal, Verb verb, const std::string& object) const;

private:
    bool serves(const Subscription& each, const Arrival& arrival, const Publication& sent) const;

    const History& history_;
    std::vector<Step> rests_;
};

}  // namespace junctor::simulation
