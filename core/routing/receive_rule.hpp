#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

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
    /// What `may_receive` allows is judged again, each delivery by itself, by `sift`: somebody elsewhere has a say. Changes with the answers.
    virtual bool sifts() const noexcept { return false; }
    enum class Sifted : std::uint8_t {
        give,
        kept,    ///< it waits; given by `Router::give`, or handed back, when it is known
        denied,
    };
    /// Where `sifts`: what becomes of this delivery. Its encoding may be empty.
    virtual Sifted sift(Session&, const Delivery&) noexcept { return Sifted::give; }
    /// Where `sifts`: something waits for the session already.
    virtual bool keeps_back(const Session&) const noexcept { return false; }
    /// May the session read this now, whoever has a say?
    virtual bool may_read(const Session& session, const Topic& topic) noexcept { return may_receive(session, topic); }
    /// Calls `then` once when `may_read` is known of all of them, perhaps before this returns.
    virtual void when_readable(const Session&, const std::vector<EnvelopePtr>&, std::function<void()> then) { then(); }

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
