#pragma once

#include <memory>
#include <string>

#include "core/model/topic.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/session.hpp"
#include "core/runtime/core.hpp"
#include "policy/decision_cache.hpp"
#include "policy/explanation.hpp"
#include "policy/inquiries.hpp"
#include "policy/policy.hpp"

namespace junctor {

/// How a question ends. `later`: somebody elsewhere has to be asked first.
enum class Ruling : std::uint8_t { deny, allow, later };

/// Asks the authorizers of a policy, all of them: one deny is a deny, else one allow is an allow; when all abstain, the answer is no.
/// What remote ones say is remembered; what they have not said yet makes the ruling come later. One per core.
class Judge {
public:
    Judge(Core& core, PolicyPtr policy) : core_(core), inquiries_(core) { use(std::move(policy)); }

    /// Denials are counted by verb. Asks nobody elsewhere.
    Ruling rule(const Session& session, Verb verb, std::string_view object) { return rule(question(session, verb, object)); }
    Ruling rule(const Question& question);
    /// The same where nobody can wait: what is not known is a no.
    bool allows(const Session& session, Verb verb, std::string_view object);
    /// Why it was denied is in the verdict; denials are counted by verb. What is not known is a no.
    Verdict judge(const Session& session, Verb verb, std::string_view object);
    /// Why it is denied, for people. Counts nothing.
    std::string reason(const Session& session, Verb verb, std::string_view object);
    /// The same of somebody who is no session.
    Verdict judge(const Question& question);
    /// How the verdict comes about, by the code that makes it. Counts nothing.
    Explanation explain(const Question& question);
    /// What a session asks; below `$SYS/`, `receive` is `presence`.
    Question question(const Session& session, Verb verb, std::string_view object) const noexcept;
    /// May the session publish on the topic? What was allowed is remembered.
    Ruling may_publish(const Session& session, const Topic& topic) {
        const bool known = decisions_.allows(session.id(), topic.hash(), core_.now());
        return known ? Ruling::allow : rule_publish(session, topic);
    }

    /// Somebody elsewhere judges each delivery.
    bool judges_deliveries() const noexcept { return judges_deliveries_; }
    /// Whatever is said elsewhere: does nobody here forbid the session to receive this? Denials are counted.
    bool may_be_delivered(const Session& session, const Topic& topic);
    /// May the session have this delivery? What was allowed is remembered; denials are counted.
    Ruling may_have(const Session& session, const Topic& topic) {
        const bool known = deliveries_ && deliveries_->allows(session.id(), topic.hash(), core_.now());
        return known ? Ruling::allow : rule_delivery(session, topic);
    }

    /// Would the ruling come later? Counts nothing.
    bool unknown(const Question& question) { return asks_others_ && weigh(question).ruling == Ruling::later; }
    bool unknown(const Session& session, Verb verb, std::string_view object) { return unknown(question(session, verb, object)); }
    bool asks_others() const noexcept { return asks_others_; }
    /// Asks whatever `rule` said `later` for. The waiter hears when that, and all else it has asked, is known.
    void ask(const Question& question, Waiter& waiter);
    void ask(const Session& session, Verb verb, std::string_view object, Waiter& waiter) { ask(question(session, verb, object), waiter); }
    Inquiries& inquiries() noexcept { return inquiries_; }

    /// Is whoever published this denied it now? Counts nothing; where no rule is about it, and for the gateway's own messages: no.
    bool forbids_publishing(const Envelope& message) const noexcept;
    /// What is known of a session has changed.
    void forget_decisions() noexcept {
        decisions_.forget_all();
        if (deliveries_) deliveries_->forget_all();
    }

    /// True once after verdicts may have changed: then what others remember of them is worth nothing.
    bool changed() noexcept;
    void adopt(PolicyPtr policy) noexcept;
    const PolicyPtr& policy() const noexcept { return policy_; }
    /// Counted and audited.
    void note_denial(const Question& question, const Verdict& verdict) noexcept;
    void note_denial(const Session& session, Verb verb, std::string_view object, std::string_view reason) noexcept;

private:
    /// `steps`: where to write down how; null: nowhere.
    Verdict decide(const Question& question, std::vector<Explanation::Step>* steps = nullptr);
    /// Until when the ruling counts.
    struct Dated {
        Ruling ruling;
        TimePoint until;
    };
    Dated weigh(const Question& question);
    /// Nothing: it is to be asked.
    std::optional<Verdict::Outcome> outcome_of(std::uint32_t index, const Question& question, TimePoint& until);
    std::optional<Verdict> verdict_of(std::uint32_t index, const Question& question);
    void note_denial(const Question& question);
    void use(PolicyPtr policy) noexcept;
    Ruling rule_publish(const Session& session, const Topic& topic);
    Ruling rule_delivery(const Session& session, const Topic& topic);

    Core& core_;
    PolicyPtr policy_;
    bool asks_others_ = false;
    std::uint32_t epoch_ = 1;
    DecisionCache decisions_;
    bool judges_deliveries_ = false;
    std::unique_ptr<DecisionCache> deliveries_;  ///< while somebody elsewhere judges them
    Inquiries inquiries_;
};

}  // namespace junctor
