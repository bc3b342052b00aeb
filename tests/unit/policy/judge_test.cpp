#include "policy/judge.hpp"

#include <gtest/gtest.h>

#include "core/session/session_table.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/late_authorizer.hpp"
#include "tests/support/lone_core.hpp"
#include "tests/support/rule_authorizer.hpp"

namespace junctor {
namespace {

using test::FakeSession;
using test::RuleAuthorizer;
using Outcome = Verdict::Outcome;

class JudgeTest : public ::testing::Test {
protected:
    JudgeTest() { lone.sessions.add(session); }

    std::shared_ptr<RuleAuthorizer> add(Outcome outcome) {
        auto added = std::make_shared<RuleAuthorizer>([=](const Principal&, Verb, std::string_view) { return outcome; });
        policy->authorizers.push_back(added);
        return added;
    }
    bool may_publish(std::string_view topic) { return judge.may_publish(session, *Topic::parse({}, topic)) == Ruling::allow; }

    std::shared_ptr<Policy> policy = std::make_shared<Policy>();
    test::LoneCore lone;
    Judge judge{lone.core, policy};
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

/// Counts how often it may look again.
struct Count final : Waiter {
    using Waiter::Waiter;
    void known() noexcept override { ++times; }
    void ask(Judge& judge, const Session& session, std::initializer_list<const char*> topics) {
        begin_asking();
        for (const char* topic : topics) judge.ask(session, Verb::publish, topic, *this);
        end_asking();
    }
    using Waiter::release;
    int times = 0;
};

class JudgeOfRemoteTest : public JudgeTest {
protected:
    JudgeOfRemoteTest() {
        policy->authorizers.push_back(remote);
        judge.adopt(policy);
        judge.changed();
    }
    Ruling publish(std::string_view topic) { return judge.may_publish(session, *Topic::parse({}, topic)); }

    std::shared_ptr<test::LateAuthorizer> remote = std::make_shared<test::LateAuthorizer>();
    Count count{judge.inquiries()};
};

TEST_F(JudgeOfRemoteTest, RulesLaterAndThenRemembers) {
    EXPECT_EQ(publish("a"), Ruling::later);
    EXPECT_TRUE(remote->asked.empty()) << "ruling asks nobody";
    count.ask(judge, session, {"a"});
    ASSERT_EQ(remote->asked.size(), 1U);
    EXPECT_EQ(remote->asked[0].question.object, "a");
    EXPECT_EQ(count.times, 0);
    remote->answer(Outcome::allow, std::chrono::seconds(10));
    EXPECT_EQ(count.times, 1);
    count.release();
    EXPECT_EQ(publish("a"), Ruling::allow);
    lone.advance(std::chrono::seconds(9));
    EXPECT_EQ(publish("a"), Ruling::allow);
    lone.advance(std::chrono::seconds(2));
    EXPECT_EQ(publish("a"), Ruling::later) << "its time is over";
}

TEST_F(JudgeOfRemoteTest, RemembersDenialsWithTheirReason) {
    count.ask(judge, session, {"a"});
    remote->answer(Outcome::deny, std::chrono::seconds(1), "not today");
    count.release();
    EXPECT_EQ(publish("a"), Ruling::deny);
    EXPECT_EQ(judge.reason(session, Verb::publish, "a"), "not today");
    lone.advance(std::chrono::seconds(2));
    EXPECT_EQ(publish("a"), Ruling::later);
    EXPECT_EQ(judge.reason(session, Verb::publish, "a"), "the decision is not available");
    EXPECT_FALSE(judge.allows(session, Verb::publish, "a")) << "where nobody can wait, it is a no";
}

TEST_F(JudgeOfRemoteTest, WhoDeniesIsHeardThoughOthersHaveNotBeen) {
    add(Outcome::deny);
    EXPECT_EQ(publish("a"), Ruling::deny);
    EXPECT_EQ(judge.reason(session, Verb::publish, "a"), "the test says so");
    const Explanation explained = judge.explain(judge.question(session, Verb::publish, "a"));
    EXPECT_EQ(explained.verdict.reason, "the test says so");
    ASSERT_EQ(explained.steps.size(), 2U);
    EXPECT_EQ(explained.steps[0].verdict.reason, "the decision is not available");
}

TEST_F(JudgeOfRemoteTest, AVerdictWithoutTimeCountsForThoseWhoWait) {
    count.ask(judge, session, {"a", "b"});
    remote->answer(Outcome::allow, Duration::zero());
    lone.advance(std::chrono::seconds(1));
    EXPECT_EQ(count.times, 0);
    remote->answer(Outcome::allow, Duration::zero());
    EXPECT_EQ(count.times, 1);
    EXPECT_EQ(publish("a"), Ruling::allow);
    EXPECT_EQ(publish("b"), Ruling::allow);
    count.release();
    EXPECT_EQ(publish("a"), Ruling::later);
}

TEST_F(JudgeOfRemoteTest, AsksTheSameQuestionOnce) {
    Count other(judge.inquiries());
    count.ask(judge, session, {"a", "a"});
    other.ask(judge, session, {"a"});
    EXPECT_EQ(remote->asked.size(), 1U);
    remote->answer(Outcome::allow, Duration::zero());
    EXPECT_EQ(count.times, 1);
    EXPECT_EQ(other.times, 1);
}

TEST_F(JudgeOfRemoteTest, AnotherPrincipalIsAnotherQuestion) {
    FakeSession same("", "tester");
    FakeSession other("", "somebody else");
    count.ask(judge, session, {"a"});
    count.ask(judge, same, {"a"});
    EXPECT_EQ(remote->asked.size(), 1U);
    count.ask(judge, other, {"a"});
    EXPECT_EQ(remote->asked.size(), 2U);
}

TEST_F(JudgeOfRemoteTest, ALocalDenyNeedsNoAnswer) {
    add(Outcome::deny);
    EXPECT_EQ(publish("a"), Ruling::deny);
}

TEST_F(JudgeOfRemoteTest, ALocalAllowWaitsForARemoteDeny) {
    add(Outcome::allow);
    EXPECT_EQ(publish("a"), Ruling::later);
    count.ask(judge, session, {"a"});
    remote->answer(Outcome::abstain, std::chrono::seconds(1));
    EXPECT_EQ(publish("a"), Ruling::allow);
}

TEST_F(JudgeOfRemoteTest, WhoeverWaitsWhenTheRulesChangeLooksAgain) {
    count.ask(judge, session, {"a"});
    ++policy->epoch;
    judge.changed();
    EXPECT_EQ(count.times, 0) << "not from within";
    lone.advance(std::chrono::milliseconds(10));
    EXPECT_EQ(count.times, 1);
    remote->answer(Outcome::allow, std::chrono::seconds(10));
    EXPECT_EQ(publish("a"), Ruling::later) << "that was an answer under the old rules";
    count.ask(judge, session, {"a"});
    remote->answer(Outcome::allow, std::chrono::seconds(10));
    EXPECT_EQ(publish("a"), Ruling::allow);
}

TEST_F(JudgeOfRemoteTest, WhoeverLeavesHearsNothingAndTheAnswerIsKept) {
    {
        Count gone(judge.inquiries());
        gone.ask(judge, session, {"a"});
    }
    remote->answer(Outcome::allow, std::chrono::seconds(10));
    EXPECT_EQ(publish("a"), Ruling::allow);
    EXPECT_EQ(judge.inquiries().under_way(), 0U);
}

TEST_F(JudgeOfRemoteTest, WhoeverWaitsMayOutliveWhomItAsks) {
    std::optional<Judge> brief(std::in_place, lone.core, policy);
    Count waiting(brief->inquiries());
    waiting.ask(*brief, session, {"a"});
    brief.reset();
    remote->answer(Outcome::allow, std::chrono::seconds(10));
    waiting.release();
    EXPECT_EQ(waiting.times, 0);
}

TEST_F(JudgeOfRemoteTest, AnAnswerAfterTheEndFindsNobody) {
    {
        Judge brief(lone.core, policy);
        Count waiting(brief.inquiries());
        waiting.ask(brief, session, {"a"});
    }
    remote->answer(Outcome::allow, std::chrono::seconds(10));
}

}  // namespace
}  // namespace junctor
