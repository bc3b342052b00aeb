// What a session, its principal and its tenant may take of the gateway.

#include "core/session/session_table.hpp"
#include "policy/live_queues.hpp"
#include "policy/policy_gate.hpp"

namespace junctor {
namespace {

Quotas::Holder holder(const Session& session) noexcept { return session.durable() ? Quotas::Holder::durable : Quotas::Holder::connection; }

}  // namespace

void PolicyGate::share(std::shared_ptr<Quotas> quotas) noexcept { quotas_ = std::move(quotas); }

void PolicyGate::count(const Quotas::Excess& excess) noexcept { junctor::count(core_.metrics(), excess); }

/// Who comes in takes a share, in `entering_` until the session has its number.
Result<void> PolicyGate::enter(const Session& newcomer) {
    const Quotas::Limits& limits = judge_.policy()->limits;
    if (!Quotas::any(limits)) return {};
    entering_.emplace();
    const Quotas::Excess excess = quotas_->enter(limits, *newcomer.principal(), *entering_);
    if (!excess) return {};
    entering_.reset();
    count(excess);
    return excess.code;
}

void PolicyGate::abandon(const Session& newcomer) noexcept {
    if (!entering_) return;
    quotas_->leave(*newcomer.principal(), *entering_);
    entering_.reset();
}

void PolicyGate::leave_quota(const Session& session) noexcept {
    if (const auto left = shares_.extract(session.id())) quotas_->leave(*session.principal(), left.mapped(), holder(session));
}

/// Limits that were not there when it came in, or a durable session, which is not refused for them: who is here stays, and counts from now on.
void PolicyGate::adopt_quota(const Session& session) {
    const Quotas::Limits& limits = judge_.policy()->limits;
    if (!Quotas::any(limits) || shares_.contains(session.id())) return;
    Quotas::Shares& shares = shares_[session.id()];
    quotas_->enter({}, *session.principal(), shares, holder(session));
    Quotas::subscribed(shares, router_.filters_held(session));
    if (!session.durable()) return;
    if (const DurableSession* durable = durables_.find(session.principal()->tenant, session.name())) Quotas::queued(shares, durable->queue().bytes());
}

/// Of a durable session waits its queue, which counts by itself.
void PolicyGate::charge(Session& session) {
    const auto shares = shares_.find(session.id());
    if (shares != shares_.end() && !session.durable()) session.charge(LiveQueues::make(judge_.policy()->limits, shares->second));
}

bool PolicyGate::over_share(const DurableSession& session, std::size_t bytes) noexcept {
    const auto shares = shares_.find(session.id());
    if (shares == shares_.end()) return false;
    const Quotas::Excess excess = Quotas::queue(judge_.policy()->limits, shares->second, bytes);
    if (excess) count(excess);
    return static_cast<bool>(excess);
}

void PolicyGate::queued(const DurableSession& session, std::size_t bytes) noexcept {
    if (shares_.empty()) return;
    if (const auto shares = shares_.find(session.id()); shares != shares_.end()) Quotas::queued(shares->second, bytes);
}

std::optional<std::string> PolicyGate::hinders_subscription(const Session& session, bool again) noexcept {
    const auto shares = shares_.find(session.id());
    if (shares == shares_.end()) return std::nullopt;
    const Quotas::Excess excess = Quotas::subscribe(again ? Quotas::Limits() : judge_.policy()->limits, shares->second);
    if (!excess) return std::nullopt;
    count(excess);
    return excess.text();
}

void PolicyGate::subscription_ended(const Session& session) noexcept {
    if (const auto shares = shares_.find(session.id()); shares != shares_.end()) Quotas::unsubscribe(shares->second);
}

std::vector<QuotaUse> PolicyGate::quotas_of(const Session& session) {
    const Quotas::Limits& limits = judge_.policy()->limits;
    const auto shares = shares_.find(session.id());
    if (shares == shares_.end()) return Quotas::in_force(limits);
    const DurableSession* const durable = durables_.of(session);
    const auto kept = durable ? shares_.find(durable->id()) : shares_.end();
    return quotas_->in_use(limits, shares->second, kept == shares_.end() ? nullptr : &kept->second, core_.now());
}

std::optional<PolicyGate::Refusal> PolicyGate::over_quota(const Session& from, const Draft& draft) noexcept {
    if (shares_.empty()) return std::nullopt;
    const auto shares = shares_.find(from.id());
    if (shares == shares_.end()) return std::nullopt;
    const Quotas::Excess excess = Quotas::publish(judge_.policy()->limits, shares->second, draft.payload.size(), core_.now());
    if (!excess) return std::nullopt;
    count(excess);
    return Refusal{excess.code, excess.text()};
}

}  // namespace junctor
