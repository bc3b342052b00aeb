#pragma once

#include <vector>

#include "core/routing/fan_out.hpp"
#include "core/routing/receive_rule.hpp"

namespace junctor {

/// Those of a group's members that live on this core, in turn.
class GroupMembers {
public:
    /// How soon a member would send a message on: it can now; it is connected and has others to send first; nobody is connected.
    enum class Readiness : std::uint8_t { now, later, away };

    /// What became of a message; `stored` as in DeliverResult.
    enum class Outcome : std::uint8_t { refused, given, stored };

    /// Adds the session, or gives it new options.
    void set(Session& session, const SubscribeOptions& options);
    void remove(const Session& session) noexcept;
    std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(members_.size()); }

    /// To the next one that may have it and is at least so ready, the readiest first.
    Outcome give(const EnvelopePtr& envelope, Readiness at_least, const SharedGroup& group, FanOut& fan_out, ReceiveRule& rule) noexcept;

private:
    struct Member {
        Session* session;
        SubscribeOptions options;
    };

    Outcome give_to_one_of(Readiness readiness, const EnvelopePtr& envelope, const SharedGroup& group, FanOut& fan_out,
                           ReceiveRule& rule) noexcept;

    std::vector<Member> members_;
    std::size_t next_ = 0;
};

}  // namespace junctor
