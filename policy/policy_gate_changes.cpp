// The rules change, or what is known of somebody: what is no longer allowed ends, without a reconnect.

#include "core/observe/log.hpp"
#include "core/session/session_table.hpp"
#include "policy/audit_trail.hpp"
#include "policy/policy_gate.hpp"

namespace junctor {

/// Answers how many questions that took.
std::size_t PolicyGate::review(Session& session) {
    const std::vector<TopicFilter> filters = router_.filters_of(session);
    if (review_later(session, filters)) return 1 + filters.size();
    if (!session.durable() && !judge_.allows(session, Verb::connect, {})) {
        session.close(CloseReason::not_authorized, judge_.reason(session, Verb::connect, {}));
        return 1;
    }
    if (!session.durable() && judge_.policy()->disowns(*session.principal())) {
        session.close(CloseReason::not_authorized, "the credentials do not count any more");
        return 1;
    }
    adopt_quota(session);
    charge(session);
    std::vector<TopicFilter> revoked;
    for (const TopicFilter& filter : filters)
        if (!judge_.allows(session, Verb::subscribe, filter.text())) revoked.push_back(filter);
    if (!revoked.empty()) revoke(session, revoked);
    return 1 + filters.size();
}

void PolicyGate::revoke(Session& session, std::span<const TopicFilter> filters) {
    DurableSession* durable = durables_.find(session.principal()->tenant, session.name());
    if (durable && durable->id() != session.id()) durable = nullptr;
    const SessionId id = session.id();
    presence_.unsubscribed(session, filters);
    const Token token = durable ? durable->begin(Token{}, filters) : Token{};
    router_.unsubscribe(session, filters, token);
    for (const TopicFilter& filter : filters) {
        const std::string reason = judge_.reason(session, Verb::subscribe, filter.text());
        log_info("policy", "subscription revoked",
                 {{"session", std::string(session.name())}, {"principal", session.principal()->name}, {"filter", filter.canonical()}, {"reason", reason}});
        audit::revoked(*judge_.policy(), session, filter, reason);
        session.revoked(filter, reason);
        if (core_.sessions().find(id) != &session) return;  // it has left
    }
}

Result<void> PolicyGate::renew(Session& session, PrincipalRef principal) noexcept {
    const PrincipalRef before = session.principal();
    if (principal->tenant != before->tenant || principal->name != before->name || vouched_.over(*principal)) return Errc::denied;
    refresh();
    session.set_principal(principal);
    // What somebody elsewhere has to be asked is asked by the review: until then who is here stays.
    if (judge_.rule(session, Verb::connect, {}) == Ruling::deny) {
        session.set_principal(before);
        return Errc::denied;
    }
    vouched_.forget(session);
    vouched_.watch(session);
    DurableSession* durable = durables_.of(session);
    if (durable) durables_.renew(*durable, std::move(principal));
    judge_.forget_decisions();
    router_.forget_matches();
    review(durable ? static_cast<Session&>(*durable) : session);
    return {};
}

}  // namespace junctor
