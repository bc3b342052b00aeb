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
Verdict ask(Authorizer& authorizer, const Question& question) {
    const auto answer = std::make_shared<Verdict>(Verdict{Verdict::Outcome::deny, "the decision is not available", std::string(authorizer.name())});
    authorizer.authorize(question, [late = std::weak_ptr(answer)](Verdict verdict) {
        if (const auto there = late.lock()) *there = std::move(verdict);
    });
    return *answer;
}

}  // namespace

void Judge::count_denial(Verb verb) noexcept { metrics_.add(denied_counters()[static_cast<std::size_t>(verb)]); }

/// The reason is that of the first one who denies, else of the first one who allows.
Verdict Judge::decide(const Question& question) {
    Verdict allowed;
    for (const std::shared_ptr<Authorizer>& each : policy_->authorizers) {
        Verdict verdict = ask(*each, question);
        if (verdict.outcome == Verdict::Outcome::deny) return verdict;
        if (verdict.allowed() && !allowed.allowed()) allowed = std::move(verdict);
    }
    return allowed.allowed() ? allowed : Verdict{Verdict::Outcome::deny, "no rule allows this", "default"};
}

Verdict Judge::judge(const Session& session, Verb verb, std::string_view object) {
    Verdict verdict = decide(question(session, verb, object));
    if (!verdict.allowed()) count_denial(verb);
    return verdict;
}

std::string Judge::explain(const Session& session, Verb verb, std::string_view object) {
    return decide(question(session, verb, object)).reason;
}

bool Judge::allows(const Session& session, Verb verb, std::string_view object) {
    const Question asked = question(session, verb, object);
    bool allowed = false;
    bool denied = false;
    for (const std::shared_ptr<Authorizer>& each : policy_->authorizers) {
        std::optional<Verdict::Outcome> known = each->cached(asked);
        if (!known) known = ask(*each, asked).outcome;
        denied = known == Verdict::Outcome::deny;
        if (denied) break;
        allowed = allowed || known == Verdict::Outcome::allow;
    }
    if (allowed && !denied) return true;
    count_denial(verb);
    return false;
}

bool Judge::ask_publish(const Session& session, const Topic& topic) {
    if (!allows(session, Verb::publish, topic.text())) return false;
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
