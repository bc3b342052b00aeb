#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/ports/gate.hpp"
#include "core/routing/fan_out.hpp"
#include "core/routing/group_interest.hpp"
#include "core/routing/match_cache.hpp"
#include "core/routing/retained_store.hpp"
#include "core/session/session_table.hpp"

namespace junctor {

/// Subscribing and unsubscribing on one core, in two steps (DESIGN 5.6). First every other core and the backend confirm the interest.
/// Then, in one step: the filter is installed, the session is told, and what the replica holds is replayed. So whatever anybody
/// publishes after the confirmation arrives, and no older value comes after a newer one. The operations of a session end in order.
class SubscribeFlow final : private Interest::Owner {
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
        ReceiveRule& rule;
    };

    explicit SubscribeFlow(Parts parts);

    /// `codes`: one per request; those that are not Errc::ok have been refused already.
    void subscribe(Session& session, std::span<const SubscribeRequest> requests, std::vector<Errc> codes, Token token);
    void unsubscribe(Session& session, std::span<const TopicFilter> filters, Token token);
    /// Drops all that the session holds or waits for.
    void close(Session& session) noexcept;

    /// Does any subscribe or unsubscribe still wait?
    bool busy() const noexcept { return !queues_.empty(); }

    Interest& interest() noexcept { return interest_; }
    GroupInterest& group_interest() noexcept { return group_interest_; }

private:
    struct Operation {
        SessionId session;  ///< nobody: it has gone meanwhile
        bool durable = false;
        Token token;
        std::vector<SubscribeRequest> requests;
        std::vector<Errc> codes;
        std::vector<NodeId> nodes;         ///< of the requests; held
        std::vector<TopicFilter> removed;  ///< of an unsubscribe
        std::size_t weight = 0;            ///< of the requests
        std::size_t missing = 0;           ///< confirmations
    };
    using OperationPtr = std::shared_ptr<Operation>;

    void hold(Session& session, std::span<const SubscribeRequest> requests, std::vector<Errc>& codes, std::vector<NodeId>& nodes,
              std::vector<NodeId>& unconfirmed);
    bool within_quota(const Session& session, NodeId node, std::size_t accepted) const noexcept;
    void enqueue(OperationPtr operation, std::span<const NodeId> unconfirmed);
    void settled(NodeId node, Errc code) override;
    void withdrawn(NodeId node) noexcept override;
    void confirmed(NodeId node, Errc code);
    void refuse(Operation& operation, NodeId node, Errc code);
    void run_ready(SessionId session);

    void finish(const Operation& operation);
    void finish_subscribe(SessionId session, std::span<const SubscribeRequest> requests, std::span<const Errc> codes,
                          std::span<const NodeId> nodes, Token token);
    void finish_unsubscribe(SessionId session, std::span<const TopicFilter> filters, Token token);
    bool install(Session& session, const SubscribeRequest& request, NodeId node);
    void uninstall(Session& session, NodeId node);
    void replay(SessionId session, const SubscribeRequest& request);
    void answer(SessionId session, Token token, std::span<const Errc> codes);

    Parts parts_;
    Interest interest_;
    GroupInterest group_interest_;
    std::unordered_map<SessionId, std::deque<OperationPtr>> queues_;        ///< only while something waits
    std::unordered_map<NodeId, std::vector<OperationPtr>> waiting_;         ///< one entry per confirmation missing
};

}  // namespace junctor
