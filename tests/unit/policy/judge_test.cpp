#include "policy/judge.hpp"

#include <gtest/gtest.h>

#include "core/session/session_table.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/rule_authorizer.hpp"

namespace junctor {
namespace {

using test::FakeSession;
using test::RuleAuthorizer;
using Outcome = Verdict::Outcome;

class JudgeTest : public ::testing::Test {
protected:
    JudgeTest() { sessions.add(session); }

    std::shared_ptr<RuleAuthorizer> add(Outcome outcome) {
        auto added = std::make_shared<RuleAuthorizer>([=](const Principal&, Verb, std::string_view) { return outcome; });
        policy->authorizers.push_back(added);
        return added;
    }
    bool may_publish(std::string_view topic) { return judge.may_publish(session, *Topic::parse({}, topic)); }

    std::shared_ptr<Policy> policy = std::make_shared<Policy>();
    Metrics metrics;
    Judge judge{policy, CoreId{0}, metrics};
    SessionTable sessions{CoreId{0}};
    FakeSession session;
};

TEST_F(JudgeTest, DeniesWhenNobodyDecides) {
    EXPECT_FALSE(judge.allows(session, Verb::publish, "a"));
    add(Outcome::abstain);
    const Verdict verdict = judge.judge(session, Verb::publish, "a");
    EXPECT_FALSE(verdict.allowed());
    EXPECT_EQ(verdict.rule, "default");
    EXPECT_FALSE(verdict.reason.empty());
}

// Threat class 3: whoever denies is heard, wherever he stands.
TEST_F(JudgeTest, OneDenyIsADeny) {
    add(Outcome::abstain);
    add(Outcome::allow);
    EXPECT_TRUE(judge.allows(session, Verb::publish, "a"));
    EXPECT_TRUE(judge.judge(session, Verb::publish, "a").allowed());
    add(Outcome::deny);
    add(Outcome::allow);
    EXPECT_FALSE(judge.allows(session, Verb::publish, "a"));
    EXPECT_EQ(judge.judge(session, Verb::publish, "a").rule, "rule 1");
    EXPECT_EQ(judge.reason(session, Verb::publish, "a"), "the test says so");
}

TEST_F(JudgeTest, WithholdsWhatIsNotAnsweredAtOnce) {
    add(Outcome::allow);
    const auto late = add(Outcome::allow);
    late->slow = late->never_answers = true;
    EXPECT_FALSE(judge.allows(session, Verb::publish, "a"));
    EXPECT_EQ(judge.reason(session, Verb::publish, "a"), "the decision is not available");
}

TEST_F(JudgeTest, RemembersWhatMayBePublishedUntilTheEpochChanges) {
    const auto authorizer = add(Outcome::allow);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(may_publish("a"));
    EXPECT_EQ(authorizer->asked, 1);
    EXPECT_TRUE(may_publish("b"));
    EXPECT_EQ(authorizer->asked, 2);
    EXPECT_FALSE(judge.changed());
    ++policy->epoch;
    EXPECT_TRUE(judge.changed());
    EXPECT_FALSE(judge.changed());
    may_publish("a");
    EXPECT_EQ(authorizer->asked, 3);
}

TEST_F(JudgeTest, RemembersNothingAcrossPolicies) {
    add(Outcome::allow);
    EXPECT_TRUE(may_publish("a"));
    judge.adopt(std::make_shared<Policy>());
    EXPECT_TRUE(judge.changed());
    EXPECT_FALSE(may_publish("a"));
}

TEST_F(JudgeTest, RemembersNoDenials) {
    const auto authorizer = add(Outcome::deny);
    EXPECT_FALSE(may_publish("a"));
    const int asked = authorizer->asked;
    EXPECT_FALSE(may_publish("a"));
    EXPECT_GT(authorizer->asked, asked);
}

}  // namespace
}  // namespace junctor
