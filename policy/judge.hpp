#pragma once

#include <string>

#include "core/model/topic.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/session.hpp"
#include "policy/decision_cache.hpp"
#include "policy/policy.hpp"

namespace junctor {

/// Asks the authorizers of a policy, in order, until one does not abstain. When nobody is left, or an answer would take time, the
/// answer is no. One per core.
class Judge {
public:
    Judge(PolicyPtr policy, Metrics& metrics) : policy_(std::move(policy)), metrics_(metrics) {}

    /// Why it was denied is in the verdict; denials are counted by verb.
    Verdict judge(const PrincipalRef& principal, Verb verb, std::string_view object);
    /// The same without words: hot.
    bool allows(const PrincipalRef& principal, Verb verb, std::string_view object);
    /// Why it is denied, for people. Counts nothing.
    std::string explain(const PrincipalRef& principal, Verb verb, std::string_view object);
    /// May the session publish on the topic? What was allowed is remembered.
    bool may_publish(const Session& session, const Topic& topic) {
        return decisions_.allows(session.id(), topic.hash()) || ask_publish(session, topic);
    }

    /// True once after verdicts may have changed: then what others remember of them is worth nothing.
    bool changed() noexcept;
    void adopt(PolicyPtr policy) noexcept;
    const PolicyPtr& policy() const noexcept { return policy_; }
    void count_denial(Verb verb) noexcept;

private:
    Verdict decide(const PrincipalRef& principal, Verb verb, std::string_view object);
    bool ask_publish(const Session& session, const Topic& topic);

    PolicyPtr policy_;
    Metrics& metrics_;
    std::uint32_t epoch_ = 1;
    DecisionCache decisions_;
};

}  // namespace junctor
