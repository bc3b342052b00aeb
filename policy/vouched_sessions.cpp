#include "policy/vouched_sessions.hpp"

#include "core/runtime/timer_wheel.hpp"

namespace junctor {

class VouchedSessions::Term final : public Timer {
public:
    Term(VouchedSessions& owner, Session& its_session) noexcept : session(its_session), owner_(owner) { arm(); }

    void arm() noexcept {
        Core& core = owner_.core_;
        core.timers().arm(*this, core.now() + Duration(*session.principal()->expires_at - core.wall()));
    }
    void expired(TimePoint) noexcept override { owner_.ended(*this); }

    Session& session;

private:
    VouchedSessions& owner_;
};

VouchedSessions::VouchedSessions(Core& core) noexcept : core_(core) {}

VouchedSessions::~VouchedSessions() = default;

void VouchedSessions::forget(const Session& session) noexcept { terms_.erase(session.id()); }

void VouchedSessions::watch(Session& session) {
    if (session.principal()->expires_at) terms_[session.id()] = std::make_unique<Term>(*this, session);
}

/// The wall clock may have been set back meanwhile.
void VouchedSessions::ended(Term& term) noexcept {
    Session& session = term.session;
    if (!over(*session.principal())) return term.arm();
    const auto kept = terms_.extract(session.id());  // outlives the close, which forgets the session
    session.close(CloseReason::not_authorized, "the credentials have expired");
}

}  // namespace junctor
