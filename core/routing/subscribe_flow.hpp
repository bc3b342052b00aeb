#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ports/gate.hpp"
#include "core/routing/fan_out.hpp"
#include "core/routing/group_interest.hpp"
#include "core/routing/history_replays.hpp"
#include "core/routing/match_cache.hpp"
#include "core/routing/replayed.hpp"
#include "core/routing/retained_store.hpp"
#include "core/session/session_table.hpp"

namespace junctor {

/// Subscribing and unsubscribing on one core, in two steps (DESIGN 5.6). First every other core and the backend confirm the interest.
/// Then, in one step: the filter is installed, the session is told, and what the replica holds is replayed. So whatever anybody
/// publishes after the confirmation arrives, and no older value comes after a newer one. The operations of a session end in order.
///
/// Where a subscription begins in a history, that is asked in between, the session is told how much of it is there, and the filter is
/// installed when all of it has been handed over (HistoryReplays).
class SubscribeFlow final : private Interest::Owner, private HistoryReplays::Owner {
public:
    struct Parts {
        Core& core;
        TopicTrie& trie;
        SubscriptionTable& subscriptions;
        MatchCache& matches;
        RetainedStore& retained;
        FanOut& fan_out;
        SharedGroups& groups;
        Backend& backend;
        Replayed& replayed;
        ReceiveRule& rule;
        HistoryReads& history;
    };

    explicit SubscribeFlow(Parts parts);

    /// `codes`: one per request; those that are not Errc::ok have been refused already, for the `reason` that the receipt hands on.
    void subscribe(Session& session, std::span<const SubscribeRequest> requests, std::vector<Errc> codes, Token token, std::string reason = {});
    void unsubscribe(Session& session, std::span<const TopicFilter> filters, Token token);
    /// Drops all that the session holds or waits for.
    void close(Session& session) noexcept;

    /// How many filters the session holds, those included that wait for their confirmation or their history.
    std::size_t held(const Session& session) const noexcept;
    /// Does any subscribe or unsubscribe still wait?
    bool busy() const noexcept { return !queues_.empty(); }
    /// The session takes more of what it begins with.
    void ready(SessionId session) { replays_.ready(session); }

    Interest& interest() noexcept { return interest_; }
    GroupInterest& group_interest() noexcept { return group_interest_; }

private:
    struct Operation {
        SessionId session;  ///< nobody: it has gone meanwhile
        Token token;
        std::vector<SubscribeRequest> requests;
        std::vector<Errc> codes;
        std::string reason;                ///< why some were refused
        std::vector<NodeId> nodes;         ///< of the requests; held
        std::vector<TopicFilter> removed;  ///< of an unsubscribe
        std::size_t weight = 0;            ///< of the requests
        std::size_t missing = 0;           ///< confirmations, then pages
        std::vector<HistoryPage> pages;    ///< of the requests that begin in a history; empty until they are asked for
        std::size_t latest_page = 0;       ///< the one of these that came last
        bool asking = false;
        bool all_at_once = false;          ///< they came within the same step
    };
    using OperationPtr = std::shared_ptr<Operation>;

    void hold(Session& session, std::span<const SubscribeRequest> requests, std::vector<Errc>& codes, std::vector<NodeId>& nodes,
              std::vector<NodeId>& unconfirmed, std::string& reason);
    bool hold(Session& session, const SubscribeRequest& request, std::size_t accepted, std::string& reason);
    void let_go(const Session& session, NodeId node) noexcept;
    bool holds(const Session& session, NodeId node) const noexcept;
    bool within_quota(const Session& session, NodeId node, std::size_t accepted) const noexcept;
    void enqueue(OperationPtr operation, std::span<const NodeId> unconfirmed);
    void settled(NodeId node, Errc code) override;
    void withdrawn(NodeId node) noexcept override;
    void confirmed(NodeId node, Errc code);
    void refuse(Operation& operation, NodeId node, Errc code);
    void join_group(const Operation& operation, std::size_t at);
    void leave_groups(Session& session, const Operation& operation) noexcept;
    void run_ready(SessionId session);
    bool reads_history(const OperationPtr& operation);
    void page_arrived(const OperationPtr& operation, std::size_t at, HistoryPage&& page);

    void finish(const Operation& operation);
    void finish_subscribe(SessionId session, std::span<const SubscribeRequest> requests, std::span<const Errc> codes,
                          std::span<const NodeId> nodes, Token token, std::string_view reason);
    void finish_beginning(const Operation& operation);
    std::uint64_t begin_in_history(Session& session, const SubscribeRequest& request, NodeId node, HistoryPosition after);
    void caught_up(Session& session, const SubscribeRequest& request, NodeId node) override;
    void stop_replay(Session& session, NodeId node);
    void finish_unsubscribe(SessionId session, std::span<const TopicFilter> filters, Token token);
    /// Whether retained messages are to follow, and whether the session holds the filter for the first time.
    enum class Replay : std::uint8_t { none, again, first };

    Replay install(Session& session, const SubscribeRequest& request, NodeId node);
    void uninstall(Session& session, NodeId node);
    void replay(SessionId session, const SubscribeRequest& request, Replay how);
    void answer(SessionId session, Token token, std::span<const Errc> codes, std::string_view reason = {},
                std::span<const HistoryOutcome> history = {});

    Parts parts_;
    Interest interest_;
    GroupInterest group_interest_;
    HistoryReplays replays_;
    std::unordered_map<SessionId, std::deque<OperationPtr>> queues_;        ///< only while something waits
    std::unordered_map<NodeId, std::vector<OperationPtr>> waiting_;         ///< one entry per confirmation missing
};

}  // namespace junctor
