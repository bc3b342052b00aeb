#pragma once

#include <array>
#include <cstdint>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"

namespace junctor {

/// The publishes of one core that were allowed lately, by session and topic, so that a stream of messages asks once (DESIGN 5.8).
/// Holds only what is allowed, for as long as it is; a place belongs to whoever came last.
class DecisionCache {
public:
    bool allows(SessionId session, std::uint64_t topic_hash, TimePoint now) const noexcept {
        const Decision& decision = decisions_[place(session, topic_hash)];
        return decision.session == session && decision.topic_hash == topic_hash && now < decision.until;
    }

    void allow(SessionId session, std::uint64_t topic_hash, TimePoint until) noexcept {
        decisions_[place(session, topic_hash)] = {session, topic_hash, until};
    }

    void forget_all() noexcept { decisions_.fill({}); }

private:
    static constexpr std::size_t places = 4'096;

    struct Decision {
        SessionId session;
        std::uint64_t topic_hash = 0;
        TimePoint until{};
    };

    static std::size_t place(SessionId session, std::uint64_t topic_hash) noexcept {
        return (topic_hash ^ session.value * 0x9e37'79b9'7f4a'7c15U) % places;
    }

    std::array<Decision, places> decisions_{};
};

}  // namespace junctor
