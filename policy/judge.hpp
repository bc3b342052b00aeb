#pragma once

#include <string>

#include "core/model/topic.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/session.hpp"
#include "policy/decision_cache.hpp"
#include "policy/explanation.hpp"
#include "policy/policy.hpp"

namespace junctor {

/// Asks the authorizers of a policy, all of them: one deny is a deny, else one allow is an allow. When all abstain, or an answer would
/// take time, the answer is no. One per core.
class Judge {
public:
    Judge(PolicyPtr policy, CoreId core, Metrics& metrics) : policy_(std::move(policy)), core_(core), metrics_(metrics) {}

    /// Why it was denied is in the verdict; denials are counted by verb.
    Verdict judge(const Session& session, Verb verb, std::string_view object);
    /// The same without words: hot.
    bool allows(const Session& session, Verb verb, std::string_view object);
    /// Why it is denied, for people. Counts nothing.
    std::string reason(const Session& session, Verb verb, std::string_view object);
    /// The same of somebody who is no session.
    Verdict judge(const Question& question);
    /// How the verdict comes about, by the code that makes it. Counts nothing.
    Explanation explain(const Question& question);
    /// What a session asks; below `$SYS/`, `receive` is `presence`.
    Question question(const Session& session, Verb verb, std::string_view object) const noexcept;
    /// May the session publish on the topic? What was allowed is remembered.
    bool may_publish(const Session& session, const Topic& topic) {
        return decisions_.allows(session.id(), topic.hash()) || ask_publish(session, topic);
    }

    /// Is whoever published this denied it now? Counts nothing; where no rule is about it, and for the gateway's own messages: no.
    bool forbids_publishing(const Envelope& message) const noexcept;
    /// What is known of a session has changed.
    void forget_decisions() noexcept { decisions_.forget_all(); }

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
    bool permits(const Question& question);
    bool ask_publish(const Session& session, const Topic& topic);

    PolicyPtr policy_;
    CoreId core_;
    Metrics& metrics_;
    std::uint32_t epoch_ = 1;
    DecisionCache decisions_;
};

}  // namespace junctor
