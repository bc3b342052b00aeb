#include "policy/judge.hpp"

#include <array>

namespace junctor {
namespace {

using Counters = std::array<Counter, verb_count>;

const Counters& denied_counters() {
    static const Counters counters = [] {
        Counters all{};
        for (std::size_t verb = 0; verb < verb_count; ++verb) {
            const std::string name(to_string(static_cast<Verb>(verb)));
            all[verb] = counter("junctor_denied_total", "What the policy refused, by verb", {{"verb", name}});
        }
        return all;
    }();
    return counters;
}

/// The answer, if it comes before the call returns; else a refusal. A late answer finds nobody.
Verdict ask(Authorizer& authorizer, const PrincipalRef& principal, Verb verb, std::string_view object) {
    const auto answer = std::make_shared<Verdict>(Verdict{Verdict::Outcome::deny, "the decision is not available", std::string(authorizer.name())});
    authorizer.authorize(principal, verb, object, [late = std::weak_ptr(answer)](Verdict verdict) {
        if (const auto there = late.lock()) *there = std::move(verdict);
    });
    return *answer;
}

}  // namespace

void Judge::count_denial(Verb verb) noexcept { metrics_.add(denied_counters()[static_cast<std::size_t>(verb)]); }

Verdict Judge::decide(const PrincipalRef& principal, Verb verb, std::string_view object) {
    for (const std::shared_ptr<Authorizer>& each : policy_->authorizers) {
        const std::optional<Verdict::Outcome> known = each->cached(*principal, verb, object);
        if (known == Verdict::Outcome::abstain) continue;
        if (known == Verdict::Outcome::allow) return {Verdict::Outcome::allow, {}, std::string(each->name())};
        Verdict verdict = ask(*each, principal, verb, object);
        if (verdict.outcome != Verdict::Outcome::abstain) return verdict;
    }
    return {Verdict::Outcome::deny, "no rule allows this", "default"};
}

Verdict Judge::judge(const PrincipalRef& principal, Verb verb, std::string_view object) {
    Verdict verdict = decide(principal, verb, object);
    if (!verdict.allowed()) count_denial(verb);
    return verdict;
}

std::string Judge::explain(const PrincipalRef& principal, Verb verb, std::string_view object) {
    return decide(principal, verb, object).reason;
}

bool Judge::allows(const PrincipalRef& principal, Verb verb, std::string_view object) {
    for (const std::shared_ptr<Authorizer>& each : policy_->authorizers) {
        const std::optional<Verdict::Outcome> known = each->cached(*principal, verb, object);
        if (known == Verdict::Outcome::abstain) continue;
        if (known == Verdict::Outcome::allow) return true;
        break;
    }
    return judge(principal, verb, object).allowed();
}

bool Judge::ask_publish(const Session& session, const Topic& topic) {
    if (!allows(session.principal(), Verb::publish, topic.text())) return false;
    decisions_.allow(session.id(), topic.hash());
    return true;
}

bool Judge::changed() noexcept {
    const std::uint32_t now = policy_->epoch.load(std::memory_order_relaxed);
    if (now == epoch_) return false;
    epoch_ = now;
    decisions_.forget_all();
    return true;
}

void Judge::adopt(PolicyPtr policy) noexcept {
    policy_ = std::move(policy);
    epoch_ = policy_->epoch.load(std::memory_order_relaxed) - 1;  // so that `changed` says so
}

}  // namespace junctor
