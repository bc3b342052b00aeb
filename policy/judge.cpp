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

Verdict not_available(const Authorizer& authorizer) {
    return {Verdict::Outcome::deny, "the decision is not available", std::string(authorizer.name())};
}

/// The answer, if it comes before the call returns; else a refusal. A late answer finds nobody.
Verdict ask_now(Authorizer& authorizer, const Question& question) {
    const auto answer = std::make_shared<Verdict>(not_available(authorizer));
    authorizer.authorize(question, [late = std::weak_ptr(answer)](Verdict verdict) {
        if (const auto there = late.lock()) *there = std::move(verdict);
    });
    return *answer;
}

}  // namespace

void Judge::note_denial(const Question& question, const Verdict& verdict) noexcept {
    core_.metrics().add(denied_counters()[static_cast<std::size_t>(question.verb)]);
    audit::denied(*policy_, question, verdict);
}

/// With words only where somebody writes them down.
void Judge::note_denial(const Question& question) {
    note_denial(question, policy_->audit && audit::is_event(question.verb) ? decide(question) : Verdict{});
}

void Judge::note_denial(const Session& session, Verb verb, std::string_view object, std::string_view reason) noexcept {
    note_denial(question(session, verb, object), {Verdict::Outcome::deny, std::string(reason), "standing"});
}

Question Judge::question(const Session& session, Verb verb, std::string_view object) const noexcept {
    if (verb == Verb::receive && object.starts_with(events_prefix)) verb = Verb::presence;
    return {session.principal(), verb, object, session.name(), session.protocol(), core_.id()};
}

/// The reason is that of the first one who denies, else of one who has not been heard, else of the first one who allows.
Verdict Judge::decide(const Question& question, std::vector<Explanation::Step>* steps) {
    if (std::optional<Verdict> standing = standing_verdict(question)) return std::move(*standing);
    Verdict decided{Verdict::Outcome::deny, "no rule allows this", "default"};
    std::optional<Verdict> unheard;
    bool denied = false;
    for (std::uint32_t index = 0; index < policy_->authorizers.size(); ++index) {
        const Authorizer& each = *policy_->authorizers[index];
        const std::optional<Verdict> said = verdict_of(index, question);
        const Verdict verdict = said ? *said : not_available(each);
        if (steps) steps->push_back({std::string(each.name()), verdict, each.tried(question)});
        if (!said && !unheard) unheard = verdict;
        if (denied || !said) continue;
        denied = verdict.outcome == Verdict::Outcome::deny;
        if (denied || (verdict.allowed() && !decided.allowed())) decided = verdict;
        if (denied && !steps) break;
    }
    return unheard && !denied ? *unheard : decided;
}

/// What a remote one has said before; nothing: it cannot be waited for.
std::optional<Verdict> Judge::verdict_of(std::uint32_t index, const Question& question) {
    Authorizer& authorizer = *policy_->authorizers[index];
    if (!authorizer.remote() || authorizer.cached(question)) return ask_now(authorizer, question);
    const Inquiries::Known known = inquiries_.find(index, question);
    return known.verdict ? std::optional(*known.verdict) : std::nullopt;
}

std::optional<Verdict::Outcome> Judge::outcome_of(std::uint32_t index, const Question& question, TimePoint& until) {
    Authorizer& authorizer = *policy_->authorizers[index];
    if (const std::optional<Verdict::Outcome> known = authorizer.cached(question)) return known;
    if (!authorizer.remote()) return ask_now(authorizer, question).outcome;
    const Inquiries::Known known = inquiries_.find(index, question);
    if (!known.verdict) return std::nullopt;
    until = std::min(until, known.until);
    return known.verdict->outcome;
}

/// The same as `decide`, as far as it is known without words. One no is enough, whatever others would say.
Judge::Dated Judge::weigh(const Question& question) {
    Dated dated{Ruling::deny, TimePoint::max()};
    if (const std::optional<Verdict> standing = standing_verdict(question)) {
        dated.ruling = standing->allowed() ? Ruling::allow : Ruling::deny;
        return dated;
    }
    bool later = false;
    for (std::uint32_t index = 0; index < policy_->authorizers.size(); ++index) {
        const std::optional<Verdict::Outcome> outcome = outcome_of(index, question, dated.until);
        if (outcome == Verdict::Outcome::deny) return {Ruling::deny, dated.until};
        if (outcome == Verdict::Outcome::allow) dated.ruling = Ruling::allow;
        later = later || !outcome;
    }
    if (later) dated.ruling = Ruling::later;
    return dated;
}

Ruling Judge::rule(const Question& question) {
    const Ruling ruling = weigh(question).ruling;
    if (ruling == Ruling::deny) note_denial(question);
    return ruling;
}

void Judge::ask(const Question& question, Waiter& waiter) {
    const PolicyPtr policy = policy_;
    for (std::uint32_t index = 0; index < policy->authorizers.size(); ++index) {
        Authorizer& authorizer = *policy->authorizers[index];
        if (!authorizer.remote() || authorizer.cached(question) || inquiries_.find(index, question).verdict) continue;
        inquiries_.ask(index, authorizer, question, waiter);
    }
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
    if (weigh(asked).ruling == Ruling::allow) return true;
    note_denial(asked);
    return false;
}

bool Judge::forbids_publishing(const Envelope& message) const noexcept {
    const PrincipalRef& publisher = message.publisher();
    if (!publisher) return false;
    const Topic topic = message.topic();
    const Question asked{publisher, Verb::publish, topic.text(), {}, {}, core_.id()};
    return std::ranges::any_of(policy_->authorizers, [&](const auto& each) { return each->cached(asked) == Verdict::Outcome::deny; });
}

Ruling Judge::rule_publish(const Session& session, const Topic& topic) {
    const Question asked = question(session, Verb::publish, topic.text());
    const Dated dated = weigh(asked);
    if (dated.ruling == Ruling::deny) note_denial(asked);
    // An inbox is another one each time.
    if (dated.ruling == Ruling::allow && !is_inbox(topic.text())) decisions_.allow(session.id(), topic.hash(), dated.until);
    return dated.ruling;
}

/// Nobody elsewhere is asked here, nor what is remembered of them: that holds for a time, a match for an epoch.
bool Judge::may_be_delivered(const Session& session, const Topic& topic) {
    const Question asked = question(session, Verb::receive, topic.text());
    const auto forbids = [&](const auto& each) {
        const std::optional<Verdict::Outcome> known = each->cached(asked);
        if (known || each->remote()) return known == Verdict::Outcome::deny;
        return ask_now(*each, asked).outcome == Verdict::Outcome::deny;
    };
    const std::optional<Verdict> standing = standing_verdict(asked);
    const bool may = standing ? standing->allowed() : std::ranges::none_of(policy_->authorizers, forbids);
    if (!may) note_denial(asked);
    return may;
}

Ruling Judge::rule_delivery(const Session& session, const Topic& topic) {
    const Question asked = question(session, Verb::receive, topic.text());
    const Dated dated = weigh(asked);
    if (dated.ruling == Ruling::deny) note_denial(asked);
    if (dated.ruling == Ruling::allow && deliveries_) deliveries_->allow(session.id(), topic.hash(), dated.until);
    return dated.ruling;
}

bool Judge::changed() noexcept {
    const std::uint32_t now = policy_->epoch.load(std::memory_order_relaxed);
    if (now == epoch_) return false;
    epoch_ = now;
    forget_decisions();
    inquiries_.forget_all();
    return true;
}

void Judge::use(PolicyPtr policy) noexcept {
    policy_ = std::move(policy);
    asks_others_ = std::ranges::any_of(policy_->authorizers, [](const auto& each) { return each->remote(); });
    judges_deliveries_ = std::ranges::any_of(policy_->authorizers, [](const auto& each) { return each->judges_deliveries(); });
    if (!judges_deliveries_) deliveries_.reset();
    else if (!deliveries_) deliveries_ = std::make_unique<DecisionCache>();
}

void Judge::adopt(PolicyPtr policy) noexcept {
    use(std::move(policy));
    epoch_ = policy_->epoch.load(std::memory_order_relaxed) - 1;  // so that `changed` says so
}

}  // namespace junctor
