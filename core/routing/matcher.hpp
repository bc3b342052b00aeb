#pragma once

#include "core/routing/histories.hpp"
#include "core/routing/match_entry.hpp"
#include "core/routing/receive_rule.hpp"
#include "core/routing/shared_groups.hpp"
#include "core/routing/subscription_table.hpp"
#include "core/session/session_table.hpp"

namespace junctor {

/// Works out where a topic's messages go: trie, overlapping subscriptions merged per session, receive rule, variants.
class Matcher {
public:
    Matcher(const TopicTrie& trie, const SubscriptionTable& subscriptions, const SharedGroups& groups, const SessionTable& sessions,
            const Histories& histories, ReceiveRule& rule) noexcept
        : trie_(trie), subscriptions_(subscriptions), groups_(groups), sessions_(sessions), histories_(histories), rule_(rule) {}

    /// Fills the parts of `entry` that subscriptions decide; its key is set.
    void fill(MatchEntry& entry);

private:
    struct Candidate {
        std::uint32_t slot;
        std::uint32_t subscription_id;
        Qos max_qos;
        bool no_local;
        bool retain_as_published;
    };
    using Candidates = std::span<const Candidate>;

    struct Merged {
        Destination destination;
        std::uint32_t first_id;  ///< in `ids_`
    };

    void collect(const Topic& topic, MatchEntry& entry);
    void collect_group(NodeId node, MatchEntry& entry);
    void add_core(const SubscriptionTable::Subscription& interest, MatchEntry& entry);
    void merge(MatchEntry& entry, const Topic& topic);
    void merge_one(Session& session, Candidates held, Qos qos);
    void emit(Session& session, Candidates held, bool with_no_local, Destination::When when, Qos qos);
    void write(MatchEntry& entry);

    const TopicTrie& trie_;
    const SubscriptionTable& subscriptions_;
    const SharedGroups& groups_;
    const SessionTable& sessions_;
    const Histories& histories_;
    ReceiveRule& rule_;
    std::vector<NodeId> nodes_;  // scratch of one `fill`
    std::vector<Candidate> candidates_;
    std::vector<Merged> merged_;
    std::vector<std::uint32_t> ids_;
};

}  // namespace junctor
