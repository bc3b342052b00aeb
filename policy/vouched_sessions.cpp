#include "policy/vouched_sessions.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/ports/vouching.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

class VouchedSessions::Term final : public Timer {
public:
    Term(VouchedSessions& owner, Session& its_session) : session(its_session), principal(its_session.principal()), owner_(owner) {
        next_question_ = owner_.core_.now();
        put_off_question();
        arm();
    }

    void arm() noexcept {
        Core& core = owner_.core_;
        TimePoint due = next_question_;
        if (principal->expires_at) due = std::min(due, core.now() + Duration(*principal->expires_at - core.wall()));
        core.timers().arm(*this, due);
    }
    void expired(TimePoint) noexcept override { owner_.due(*this); }

    /// Whether it is time to ask. Where the last question is still open, that one has to do.
    bool take_turn() noexcept {
        if (next_question_ > owner_.core_.now()) return false;
        put_off_question();
        return !inquiry_;
    }
    /// May end the session, and this with it.
    void ask() {
        asking_ = true;
        auto inquiry = principal->vouching->ask(owner_.core_.id(), [this](bool holds) {
            if (asking_) said_ = holds;
            else heard(holds);
        });
        asking_ = false;
        if (said_) heard(*std::exchange(said_, std::nullopt));
        else inquiry_ = std::move(inquiry);
    }

    Session& session;
    const PrincipalRef principal;

private:
    void heard(bool holds) {
        const std::unique_ptr<Inquiry> ended = std::move(inquiry_);
        if (holds) return principal->vouching->trust();
        principal->vouching->doubt();
        owner_.end(session, "the credentials do not count any more");
    }
    void put_off_question() noexcept {
        if (principal->vouching) next_question_ = owner_.core_.now() + principal->vouching->interval();
        else next_question_ = TimePoint::max();
    }

    VouchedSessions& owner_;
    TimePoint next_question_;
    std::unique_ptr<Inquiry> inquiry_;  ///< under way
    bool asking_ = false;
    std::optional<bool> said_;  ///< before the question had returned
};

VouchedSessions::VouchedSessions(Core& core) noexcept : core_(core) {}

VouchedSessions::~VouchedSessions() = default;

void VouchedSessions::forget(const Session& session) noexcept { terms_.erase(session.id()); }

void VouchedSessions::watch(Session& session) {
    const Principal& principal = *session.principal();
    if (principal.expires_at || principal.vouching) terms_[session.id()] = std::make_unique<Term>(*this, session);
    else forget(session);
}

/// The wall clock may have been set back meanwhile.
void VouchedSessions::due(Term& term) noexcept {
    if (over(*term.principal)) return end(term.session, "the credentials have expired");
    const bool asks = term.take_turn();
    term.arm();
    if (asks) term.ask();
}

void VouchedSessions::end(Session& session, std::string_view text) noexcept {
    const auto kept = terms_.extract(session.id());  // outlives the close, which forgets the session
    session.close(CloseReason::not_authorized, text);
}

}  // namespace junctor
