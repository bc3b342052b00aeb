// What explain says and what the gate does are one thing, and an independent reading of the rules says the same.

#include <gtest/gtest.h>

#include "tests/support/acl.hpp"
#include "tests/support/acl_reference.hpp"
#include "tests/unit/policy/sleeper.hpp"

namespace junctor {
namespace {

using test::make_acl;
using test::ReferenceAcl;

Ref<Principal> principal_of(const ReferenceAcl::Who& who) {
    Ref<Principal> made(new Principal({}, who.user));
    made->tenant_name = who.tenant;
    made->groups.assign(who.groups.begin(), who.groups.end());
    for (const auto& [name, value] : who.claims) made->attributes[name] = value;
    return made;
}

/// A gateway under these rules, and somebody who has come in before they held.
class Enforced {
public:
    Enforced(const std::string& rules, const ReferenceAcl::Who& who) : session_(who.client_id, who.user) {
        const auto open = std::make_shared<Policy>();
        open->authorizers.push_back(std::make_shared<RuleAuthorizer>([](const Principal&, Verb, std::string_view) { return Outcome::allow; }));
        cluster_.gate().adopt(open);
        session_.set_principal(principal_of(who));
        EXPECT_TRUE(cluster_.gate().open(session_, {}));
        auto policy = std::make_shared<Policy>();
        policy->authorizers.push_back(make_acl(rules));
        cluster_.gate().adopt(policy);
    }
    ~Enforced() { cluster_.gate().close(session_, CloseReason::normal); }

    Verdict explained(Verb verb, const std::string& object) { return cluster_.gate().explain(session_, verb, object).verdict; }

    bool done(Verb verb, const std::string& object) {
        switch (verb) {
            case Verb::publish: return published(object);
            case Verb::request: return requested(object);
            case Verb::subscribe: return subscribed(object);
            case Verb::connect: return opened_again();
            default: return asked(verb, object);
        }
    }

private:
    Draft draft(const std::string& topic) {
        Draft made;
        made.topic = *Topic::parse({}, topic);
        return made;
    }
    bool published(const std::string& topic) {
        cluster_.gate().publish(session_, draft(topic), Token{++token_});
        return session_.settlement(token_)->code == Errc::ok;
    }
    bool requested(const std::string& topic) {
        cluster_.gate().request(session_, draft(topic), 1s, Token{++token_});
        const FakeSession::Settled* settled = session_.settlement(token_);  // none while it waits for an answer
        return !settled || settled->code != Errc::denied;
    }
    bool subscribed(const std::string& filter) {
        const SubscribeRequest request{*TopicFilter::parse({}, filter), {}};
        cluster_.gate().subscribe(session_, {&request, 1}, Token{++token_});
        return session_.settlement(token_)->each.at(0) == Errc::ok;
    }
    bool opened_again() {
        FakeSession other;
        other.set_principal(session_.principal());
        if (!cluster_.gate().open(other, {})) return false;
        cluster_.gate().close(other, CloseReason::normal);
        return true;
    }
    /// Through the door for those who are no session, where only the name of the session is missing.
    bool asked(Verb verb, const std::string& object) {
        if (verb == Verb::receive || !session_.name().empty()) return explained(verb, object).allowed();
        bool allowed = false;
        cluster_.gate().ask(session_.principal(), verb, object, [&](const Verdict& verdict) { allowed = verdict.allowed(); });
        return allowed;
    }

    TestCluster cluster_;
    FakeSession session_;
    std::uint64_t token_ = 0;
};

TEST(Explain, EqualsEnforcementOnTenThousandCases) {
    std::mt19937 random(4'711);
    std::size_t allowed = 0;
    constexpr std::size_t cases = 10'000;
    for (std::size_t round = 0; round < cases / 20; ++round) {
        const ReferenceAcl reference = ReferenceAcl::any(random);
        const ReferenceAcl::Who who = ReferenceAcl::anybody(random);
        Enforced enforced(reference.yaml(), who);
        for (int i = 0; i < 20; ++i) {
            const auto [verb, object] = ReferenceAcl::any_question(random);
            // The gateway's own topics are refused before any rule; the rest is the reference's word.
            const bool own = object.starts_with('$') && (verb == Verb::publish || verb == Verb::request);
            const bool expected = !own && reference.decide(who, verb, object) == Outcome::allow;
            const bool done = enforced.done(verb, object);
            ASSERT_EQ(enforced.explained(verb, object).allowed(), done) << reference.yaml() << to_string(verb) << " " << object;
            ASSERT_EQ(done, expected) << reference.yaml() << who.user << " " << to_string(verb) << " " << object;
            allowed += done ? 1U : 0U;
        }
    }
    EXPECT_GT(allowed, cases / 20) << "the cases show something";
    EXPECT_LT(allowed, cases * 19 / 20);
}

TEST(Explain, ShowsEveryAuthorizerAndEveryRule) {
    auto policy = std::make_shared<Policy>();
    policy->authorizers.push_back(make_acl("[{name: secret, deny: [publish], topics: [a/secret]}, {name: all, allow: [publish], topics: [a/#]},"
                                           " {name: others, allow: [publish], principals: [other]}]"));
    policy->authorizers.push_back(std::make_shared<RuleAuthorizer>([](const Principal&, Verb, std::string_view) { return Outcome::allow; }));
    TestCluster cluster(1, 1, policy);
    Judge judge(cluster.core(), policy);
    const PrincipalRef who(new Principal({}, "tester"));
    const Explanation explanation = judge.explain({who, Verb::publish, "a/secret", {}, "test", CoreId{0}});
    EXPECT_EQ(explanation.verdict.outcome, Outcome::deny);
    EXPECT_EQ(explanation.verdict.rule, "secret");
    ASSERT_EQ(explanation.steps.size(), 2U);
    EXPECT_EQ(explanation.steps[0].authorizer, "acl");
    ASSERT_EQ(explanation.steps[0].rules.size(), 3U);
    EXPECT_EQ(explanation.steps[0].rules[0].why_not, "");
    EXPECT_EQ(explanation.steps[0].rules[1].why_not, "");
    EXPECT_EQ(explanation.steps[0].rules[2].why_not, "another principal");
    EXPECT_EQ(explanation.steps[1].verdict.outcome, Outcome::allow) << "asked though it is decided";
    EXPECT_EQ(judge.explain({who, Verb::publish, "$SYS/x", {}, "test", CoreId{0}}).verdict.rule, "standing");
}

}  // namespace
}  // namespace junctor
