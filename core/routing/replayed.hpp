#pragma once

#include "core/base/ring.hpp"
#include "core/model/envelope.hpp"

namespace junctor {

/// Which young retained values this core's new subscriptions have got by replay. Two cores may set one topic at the same time; who
/// subscribes in between is shown the winner, and must not see the loser, which is still in the mail, after it (DESIGN 5.6). Only a value
/// younger than any mail can have such a rival, so in a gateway at rest nothing is noted.
class Replayed {
public:
    /// No mail is under way for so long.
    static constexpr Duration window = std::chrono::seconds(10);
    /// Beyond so many the oldest go, and what they would have kept away is delivered.
    static constexpr std::size_t most = 65'536;

    void note(SessionId session, const Envelope& value, TimePoint now);

    /// Has the session been shown a later value of that topic than `rival`?
    bool later_than(const Envelope& rival, SessionId session) const noexcept;

    bool empty() const noexcept { return noted_.empty(); }

private:
    struct Note {
        SessionId session;
        std::uint64_t topic_hash;
        TimePoint published_at;
        CoreId core;
    };

    void drop_old(TimePoint now) noexcept;

    Ring<Note> noted_;  ///< in the order of the replays
};

}  // namespace junctor
