#pragma once

#include "core/ports/store.hpp"
#include "core/model/history_rules.hpp"
#include "core/routing/stored_histories.hpp"
#include "core/routing/stored_retained.hpp"
#include "core/session/stored_sessions.hpp"
#include "policy/revocations.hpp"

namespace junctor {

class PolicyGate;

/// What the store holds, read once at start, before anybody is let in: each core takes over what is its own.
class Recovery {
public:
    /// Reads everything, on the calling thread; the store has not been started. A record that is damaged is counted and left out.
    Recovery(Store& store, std::uint16_t cores, StoredSessions::HomeOf home_of, const ClockPair& clocks);

    /// On that gate's core; once for each, in the order of the cores. `rules`: of the histories, the same for all.
    void restore(PolicyGate& gate, const HistoryRulesPtr& rules);

    /// What had been taken back.
    std::vector<Revocation> take_revocations() noexcept { return std::move(revocations_); }

    /// Records that say nothing: damaged, or of a kind that this program does not know.
    std::size_t unreadable() const noexcept { return unreadable_; }
    /// Places in queues whose message is not there.
    std::size_t lost() const noexcept { return lost_; }

private:
    bool add(const keys::Parts& key, Bytes body);

    StoredSessions sessions_;
    StoredRetained retained_;
    StoredHistories histories_;
    std::vector<Revocation> revocations_;
    std::size_t unreadable_ = 0;
    std::size_t lost_ = 0;
};

}  // namespace junctor
