#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "policy/kept_question.hpp"

namespace junctor::test {

/// An authorizer elsewhere: answers when the test says so, or at once while it has a `rule`.
class LateAuthorizer final : public Authorizer {
public:
    struct Asked {
        KeptQuestion question;
        std::function<void(Verdict)> done;
    };

    std::string_view name() const noexcept override { return "late"; }
    bool remote() const noexcept override { return true; }
    bool judges_deliveries() const noexcept override { return deliveries; }
    std::optional<Verdict::Outcome> cached(const Question& question) const noexcept override {
        const bool delivery = question.verb == Verb::receive || question.verb == Verb::presence;
        if ((delivery && !deliveries) || known.contains(question.verb)) return Verdict::Outcome::allow;
        return std::nullopt;
    }
    void authorize(const Question& question, std::function<void(Verdict)> done) override {
        ++questions;
        asked.push_back({KeptQuestion(question), std::move(done)});
        if (!rule) return;
        const Verdict::Outcome outcome = rule(asked.back().question);
        Asked answered = std::move(asked.back());
        asked.pop_back();
        answered.done({outcome, "the rule says so", "late", ttl});
    }

    /// The oldest question that waits.
    void answer(Verdict::Outcome outcome, Duration valid_for = std::chrono::hours(1), std::string reason = "the service says so") {
        Asked oldest = std::move(asked.front());
        asked.pop_front();
        oldest.done({outcome, std::move(reason), "late", valid_for});
    }

    std::deque<Asked> asked;
    int questions = 0;
    bool deliveries = false;  ///< set before the policy is in force
    std::set<Verb> known;  ///< verbs that it allows without being asked
    std::function<Verdict::Outcome(const KeptQuestion&)> rule;
    Duration ttl = std::chrono::hours(1);
};

}  // namespace junctor::test
