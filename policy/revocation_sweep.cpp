#include "policy/revocation_sweep.hpp"

#include <algorithm>

#include "core/observe/metrics.hpp"
#include "core/session/session_table.hpp"

namespace junctor {
namespace {

struct SweepMetrics {
    Counter ended = counter("junctor_revoked_sessions_total", "Connections that ended because an administrator revoked what they showed, or who they are");

    static const SweepMetrics& get() {
        static const SweepMetrics metrics;
        return metrics;
    }
};

}  // namespace

void RevocationSweep::begin(const std::optional<Whom>& whom) {
    if (whom) next_.insert(*whom);
    again_ = true;
    if (!armed()) core_.timers().arm(*this, core_.now() + TimerWheel::tick);
}

void RevocationSweep::expired(TimePoint now) noexcept {
    const SessionTable& sessions = core_.sessions();
    if (slot_ == 0) {
        whose_ = std::exchange(next_, {});
        again_ = false;
    }
    const std::size_t end = std::min(sessions.slot_count(), slot_ + share);
    while (slot_ < end) {
        Session* const session = sessions.at(slot_++);
        if (!session || session->durable() || !ends(*session)) continue;
        core_.metrics().add(SweepMetrics::get().ended, 1);
        session->close(CloseReason::not_authorized, "the credentials have been revoked");
    }
    if (slot_ >= sessions.slot_count()) {
        slot_ = 0;
        whose_.clear();
        if (!again_) return;
    }
    core_.timers().arm(*this, now + TimerWheel::tick);
}

bool RevocationSweep::ends(const Session& session) const {
    const Principal& who = *session.principal();
    return covered_(who) || (!whose_.empty() && whose_.contains({who.tenant, who.name}));
}

}  // namespace junctor
