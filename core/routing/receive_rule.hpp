#pragma once

#include <optional>
#include <string>

#include "core/model/envelope.hpp"
#include "core/ports/session.hpp"

namespace junctor {

/// May this session see this topic? Asked once when a match is worked out, and for each retained value (DESIGN 5.8).
/// The policy implements it; when it sees that its answers have changed it calls `Router::forget_matches`.
class ReceiveRule {
public:
    virtual bool may_receive(const Session& session, const Topic& topic) noexcept = 0;
    /// May it see this retained value, which somebody left some time ago?
    virtual bool may_replay(const Session& session, const Envelope& value) noexcept { return may_receive(session, value.topic()); }
    /// True once after its answers have changed. Asked before what other cores send is routed: a core whose own clients are silent
    /// would not see the change otherwise.
    virtual bool changed() noexcept { return false; }

    /// The session is to hold one more filter; `again`: one that it holds already, which is let go again. Nothing: it may, and one
    /// `subscription_ended` follows, unless the session ends before. Else why not, for people.
    virtual std::optional<std::string> hinders_subscription(const Session&, bool) noexcept { return std::nullopt; }
    virtual void subscription_ended(const Session&) noexcept {}

protected:
    ~ReceiveRule() = default;
};

}  // namespace junctor
