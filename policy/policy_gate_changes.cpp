// The rules change, or what is known of somebody: what is no longer allowed ends, without a reconnect.

#include "core/observe/log.hpp"
#include "core/session/session_table.hpp"
#include "core/store/clock_pair.hpp"
#include "core/store/keys.hpp"
#include "core/store/record.hpp"
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

Result<void> PolicyGate::revoke(const Principal& by, Revocation revocation, std::function<void()> kept) noexcept {
    if (!core_.journal().accepts()) return Errc::overloaded;
    if (!keep(revocation, by)) return Errc::quota_exceeded;
    tell(revocation);
    kept_.add(std::move(kept));
    end_everywhere_(revocation.whom());
    return {};
}

/// False where too many stand.
bool PolicyGate::keep(Revocation& revocation, const Principal& by) {
    std::vector<std::string> ended;
    if (!revocations_->add(revocation, core_.wall(), ended)) return false;
    Journal& journal = core_.journal();
    if (journal.stores()) {
        for (const std::string& key : ended) journal.batch().erase(keys::revocation(key));
        const ByteBuffer key = keys::revocation(revocation.key());
        ByteBuffer record = revocation.record();
        journal.batch().put(key, seal(key, record));
    }
    const std::string_view kind = revocation.kind == Revocation::Kind::token ? "token" : "principal";
    log_info("policy", "credentials revoked", {{"by", by.name}, {std::string(kind), revocation.what}});
    audit::credentials_revoked(*judge_.policy(), by, kind, revocation.what);
    return true;
}

void PolicyGate::tell(const Revocation& revocation) {
    const ClockPair clocks{core_.now(), core_.wall()};
    router_.tell_gateways({std::string(Revocations::told_as), revocation.record(), clocks.to_monotonic(revocation.until)});
}

/// Whoever may write there is a gateway: what one administrator takes back counts at all of them.
void PolicyGate::revoked_elsewhere(std::string_view gateway, Bytes words, std::function<void()> kept) {
    std::optional<Revocation> revocation = Revocation::read(words);
    if (!revocation) log_warning("policy", "what another gateway revokes cannot be read", {{"gateway", std::string(gateway)}});
    if (!revocation || revocation->until <= core_.wall() || revocations_->holds(*revocation)) return kept();
    const PrincipalRef by(new Principal(TenantId{}, "gateway:" + std::string(gateway)));
    if (!keep(*revocation, *by)) {
        log_error("policy", "more is revoked than this gateway remembers", {{"by", by->name}, {"what", revocation->what}});
        return kept();
    }
    kept_.add(std::move(kept));
    end_everywhere_(revocation->whom());
}

void PolicyGate::restore(std::vector<Revocation> revocations) {
    std::vector<std::string> ended;
    for (Revocation& each : revocations) {
        if (each.until <= core_.wall() || !revocations_->add(each, core_.wall(), ended)) {
            ended.push_back(each.key());
        } else {
            tell(each);
        }
    }
    if (!core_.journal().stores()) return;
    for (const std::string& key : ended) core_.journal().batch().erase(keys::revocation(key));
}

void PolicyGate::end(const Principal& by, Session& session) noexcept {
    log_info("policy", "session ended", {{"by", by.name}, {"session", std::string(session.name())}, {"principal", session.principal()->name}});
    audit::credentials_revoked(*judge_.policy(), by, "session of", session.principal()->name);
    session.close(CloseReason::not_authorized, "the credentials have been revoked");
}

Result<void> PolicyGate::renew(Session& session, PrincipalRef principal) noexcept {
    const PrincipalRef before = session.principal();
    if (principal->tenant != before->tenant || principal->name != before->name || vouched_.over(*principal) || revoked(*principal)) return Errc::denied;
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
