#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "core/ports/gate.hpp"
#include "core/routing/fan_out.hpp"
#include "core/routing/history_reads.hpp"
#include "core/routing/receive_rule.hpp"
#include "core/routing/topic_trie.hpp"

namespace junctor {

/// Subscriptions that begin in a history. They are not installed while the past is handed over, page by page and no faster than the
/// session takes it; what is published meanwhile is in the history as well. The page that reaches its end is read, handed over and
/// followed by the installation in one step, so that nothing falls between them. So no connection holds more than a page.
///
/// What the session may not see is left out, by its rights as of then.
class HistoryReplays {
public:
    class Owner {
    public:
        /// Everything has been handed over: the subscription goes live, now. Its hold on the node goes with it.
        virtual void caught_up(Session& session, const SubscribeRequest& request, NodeId node) = 0;

    protected:
        ~Owner() = default;
    };

    struct Parts {
        Core& core;
        HistoryReads& reads;
        FanOut& fan_out;
        ReceiveRule& rule;
        Owner& owner;
    };

    explicit HistoryReplays(Parts parts) noexcept : parts_(parts) {}

    /// The first page. Of what a durable session is to keep, all: it is stored together with the subscription.
    HistoryQuestion first_question(const Session& session, const SubscribeRequest& request) const;
    /// The subscription begins after that position, and has a hold on the node. Answers its number, for `take`.
    std::uint64_t add(SessionId session, const SubscribeRequest& request, NodeId node, HistoryPosition after);
    /// The session has been told; `page` answers the first question. `fresh`: it has been read in this step.
    void take(SessionId session, std::uint64_t number, const HistoryPage& page, bool fresh);
    /// The session takes more.
    void ready(SessionId session);
    /// The node whose hold is the caller's again; 0: no such subscription was under way.
    NodeId cancel(SessionId session, NodeId node) noexcept;
    /// Any of the session's; 0: there is none.
    NodeId cancel_any(SessionId session) noexcept;
    /// How many of the session's there are.
    std::size_t count(SessionId session) const noexcept;

    static constexpr std::size_t page_messages = 256;
    static constexpr std::size_t page_bytes = 256 << 10;

private:
    struct Replay {
        std::uint64_t number;
        NodeId node;
        SubscribeRequest request;
        HistoryPosition position;
        bool waits = false;  ///< for the session
    };
    using Replays = std::vector<Replay>;

    Replay* find(SessionId session, std::uint64_t number) noexcept;
    void arrived(SessionId session, std::uint64_t number, const HistoryPage& page);
    bool hand_over(SessionId session, std::uint64_t number, const HistoryPage& page);
    void go_on(Session& session, Replay& replay);
    void ask(SessionId session, std::uint64_t number);

    Parts parts_;
    std::uint64_t last_number_ = 0;
    std::unordered_map<SessionId, Replays> sessions_;
};

}  // namespace junctor
