#pragma once

#include <functional>

#include "core/ports/authorizer.hpp"

namespace junctor::test {

/// An authorizer that is one function of the test. It knows nothing in advance where `slow` is set.
class RuleAuthorizer final : public Authorizer {
public:
    using Rule = std::function<Verdict::Outcome(const Principal&, Verb, std::string_view)>;

    explicit RuleAuthorizer(Rule rule) : rule_(std::move(rule)) {}

    std::string_view name() const noexcept override { return "rule"; }
    std::optional<Verdict::Outcome> cached(const Question& question) const noexcept override {
        ++asked;
        if (slow) return std::nullopt;
        return rule_(*question.principal, question.verb, question.object);
    }
    void authorize(const Question& question, std::function<void(Verdict)> done) override {
        if (never_answers) {
            kept = std::move(done);
            return;
        }
        done({rule_(*question.principal, question.verb, question.object), "the test says so", "rule 1"});
    }

    bool slow = false;
    bool never_answers = false;
    mutable int asked = 0;
    std::function<void(Verdict)> kept;

private:
    Rule rule_;
};

}  // namespace junctor::test
