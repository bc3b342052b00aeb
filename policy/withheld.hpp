#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/routing/fan_out.hpp"
#include "core/session/outbox.hpp"
#include "policy/decision_cache.hpp"
#include "policy/judge.hpp"

namespace junctor {

/// The deliveries of one core that wait for the word of an authorizer elsewhere, and whatever came for the same session since: first in,
/// first out, whatever is known of what stands behind. So a position in a history that a session sees stands for all that lies before it.
/// Questions are asked many at a time. Bounded in bytes, as an outbound queue is: `Limits::outbound_queue` for a session, `Limits::undecided`
/// for all; beyond it the oldest QoS 0 goes, or the session as a slow consumer.
///
/// What a durable session keeps (QoS 1 and 2) waits in its own queue; here it only asks.
class Withheld {
public:
    class Owner {
    public:
        /// `Router::give`.
        virtual void hand_over(const std::function<void(FanOut&)>& deliver) noexcept = 0;
        /// The session may not have it, or has gone: another member of the group may.
        virtual void pass_on(std::vector<HandedBack> messages) noexcept = 0;
        /// The same of a `send`.
        virtual void send_again(const EnvelopePtr& envelope) noexcept = 0;
        /// What it asked is known: what it keeps itself may go on.
        virtual void known(Session& session) noexcept = 0;
        /// Nothing waits for it any more.
        virtual void caught_up(Session& session) noexcept = 0;

    protected:
        ~Owner() = default;
    };

    Withheld(Core& core, Judge& judge, Owner& owner);
    ~Withheld();

    bool waits(const Session& session) const noexcept { return !lines_.empty() && lines_.contains(session.id()); }
    /// It was not to have a message of that topic a moment ago: who has a choice turns to others.
    bool refused_lately(const Session& session, const Topic& topic) const noexcept;

    /// From now on that is so.
    void note_refusal(const Session& session, const Topic& topic);

    /// False: it is not kept, and the session closes.
    bool add(Session& to, const Delivery& delivery);
    /// The session keeps the message itself: `Owner::known` follows.
    void ask(Session& session, const Topic& topic);

    /// The session goes. What came by a group is handed back.
    void leave(Session& session) noexcept;

    std::size_t bytes() const noexcept { return bytes_; }

private:
    class Line;

    /// What the session may not have, and others may.
    struct Refused {
        std::vector<HandedBack> members;
        std::vector<EnvelopePtr> sends;
    };

    Line& line_of(Session& session);
    void advance(Line& line) noexcept;
    bool decide(Line& line, FanOut& fan_out, const Outbox::Item& item, Refused& refused) noexcept;
    void go_on(Line& line) noexcept;
    void finish(Line& line) noexcept;
    void bury(Line& line, Refused& refused) noexcept;
    void count(Line& line) noexcept;

    Core& core_;
    Judge& judge_;
    Owner& owner_;
    std::unordered_map<SessionId, std::unique_ptr<Line>> lines_;
    std::vector<std::unique_ptr<Line>> left_;  ///< whose session has gone in the middle of `advance`
    std::size_t bytes_ = 0;
    std::unique_ptr<DecisionCache> refused_;  ///< "allows": refused lately
};

}  // namespace junctor
