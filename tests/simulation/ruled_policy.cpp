#include "tests/simulation/ruled_policy.hpp"

#include <algorithm>

#include "core/model/topic.hpp"
#include "core/model/topic_filter.hpp"

namespace junctor::simulation {
namespace {

class ByConnector final : public Authenticator {
    std::string_view name() const noexcept override { return "by_connector"; }
    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override {
        AuthenticationStep step(AuthenticationStep::Outcome::allow);
        step.principal = PrincipalRef(new Principal({}, credentials.user.empty() ? credentials.connector : credentials.user));
        done(std::move(step));
        return nullptr;
    }
};

class ByRules final : public Authorizer {
public:
    explicit ByRules(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

    std::string_view name() const noexcept override { return "by_rules"; }
    std::optional<Verdict::Outcome> cached(const Question& question) const noexcept override {
        const bool denied = std::any_of(rules_->begin(), rules_->end(), [&](const Rule& rule) { return forbids(rule, *question.principal, question.verb, question.object); });
        return denied ? Verdict::Outcome::deny : Verdict::Outcome::allow;
    }
    void authorize(const Question& question, std::function<void(Verdict)> done) override {
        done({*cached(question), "a rule of the simulation", "simulated"});
    }

private:
    static bool forbids(const Rule& rule, const Principal& principal, Verb verb, std::string_view object) {
        if (rule.principal != principal.name || rule.verb != verb) return false;
        if (verb == Verb::subscribe) return rule.filter == object;
        const Result<Topic> topic = Topic::parse({}, object);
        const Result<TopicFilter> filter = TopicFilter::parse({}, rule.filter);
        return topic && filter && filter->matches(*topic);
    }

    std::shared_ptr<const Rules> rules_;
};

}  // namespace

RuledPolicy::RuledPolicy(Rules rules) : rules_(std::make_shared<Rules>(std::move(rules))), writable_(std::make_shared<Policy>()) {
    writable_->authenticators.push_back(std::make_shared<ByConnector>());
    writable_->authorizers.push_back(std::make_shared<ByRules>(rules_));
    policy_ = writable_;
}

void RuledPolicy::change(Rules rules) {
    *rules_ = std::move(rules);
    ++writable_->epoch;
}

}  // namespace junctor::simulation
