#include "policy/judge.hpp"

#include <algorithm>
#include <array>

#include "policy/audit_trail.hpp"
#include "policy/standing_rules.hpp"

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

void Judge::note_denial(const Question& question, const Verdict& verdict) noexcept {
    metrics_.add(denied_counters()[static_cast<std::size_t>(question.verb)]);
    audit::denied(*policy_, question, verdict);
}

void Judge::note_denial(const Session& session, Verb verb, std::string_view object, std::string_view reason) noexcept {
    note_denial(question(session, verb, object), {Verdict::Outcome::deny, std::string(reason), "standing"});
}

Question Judge::question(const Session& session, Verb verb, std::string_view object) const noexcept {
    if (verb == Verb::receive && object.starts_with(events_prefix)) verb = Verb::presence;
    return {session.principal(), verb, object, session.name(), session.protocol(), core_};
}

/// The reason is that of the first one who denies, else of the first one who allows.
Verdict Judge::decide(const Question& question, std::vector<Explanation::Step>* steps) {
    if (std::optional<Verdict> standing = standing_verdict(question)) return std::move(*standing);
    Verdict decided{Verdict::Outcome::deny, "no rule allows this", "default"};
    bool denied = false;
    for (const std::shared_ptr<Authorizer>& each : policy_->authorizers) {
        const Verdict verdict = ask(*each, question);
        if (steps) steps->push_back({std::string(each->name()), verdict, each->tried(question)});
        if (denied) continue;
        denied = verdict.outcome == Verdict::Outcome::deny;
        if (denied || (verdict.allowed() && !decided.allowed())) decided = verdict;
        if (denied && !steps) break;
    }
    return decided;
}

/// The same, as far as it is known without words.
bool Judge::permits(const Question& question) {
    if (const std::optional<Verdict> standing = standing_verdict(question)) return standing->allowed();
    bool allowed = false;
    for (const std::shared_ptr<Authorizer>& each : policy_->authorizers) {
        std::optional<Verdict::Outcome> known = each->cached(question);
        if (!known) known = ask(*each, question).outcome;
        if (known == Verdict::Outcome::deny) return false;
        allowed = allowed || known == Verdict::Outcome::allow;
    }
    return allowed;
}

Verdict Judge::judge(const Question& question) {
    Verdict verdict = decide(question);
    if (!verdict.allowed()) note_denial(question, verdict);
    return verdict;
}

Verdict Judge::judge(const Session& session, Verb verb, std::string_view object) { return judge(question(session, verb, object)); }

std::string Judge::reason(const Session& session, Verb verb, std::string_view object) {
    return decide(question(session, verb, object)).reason;
}

Explanation Judge::explain(const Question& question) {
    Explanation explanation;
    explanation.verdict = decide(question, &explanation.steps);
    return explanation;
}

bool Judge::allows(const Session& session, Verb verb, std::string_view object) {
    const Question asked = question(session, verb, object);
    if (permits(asked)) return true;
    note_denial(asked, policy_->audit && audit::is_event(asked.verb) ? decide(asked) : Verdict{});
    return false;
}

bool Judge::forbids_publishing(const Envelope& message) const noexcept {
    const PrincipalRef& publisher = message.publisher();
    if (!publisher) return false;
    const Topic topic = message.topic();
    const Question asked{publisher, Verb::publish, topic.text(), {}, {}, core_};
    return std::ranges::any_of(policy_->authorizers, [&](const auto& each) { return each->cached(asked) == Verdict::Outcome::deny; });
}

bool Judge::ask_publish(const Session& session, const Topic& topic) {
    if (!allows(session, Verb::publish, topic.text())) return false;
    if (!is_inbox(topic.text())) decisions_.allow(session.id(), topic.hash());  // another one each time
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
