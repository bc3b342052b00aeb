#include "policy/authentication_chain.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;

/// Answers what the test says, at once or when `finish` is called.
class Scripted final : public Authenticator {
public:
    explicit Scripted(Outcome outcome, bool later = false) : outcome_(outcome), later_(later) {}
    std::string_view name() const noexcept override { return "scripted"; }
    std::unique_ptr<Authentication> begin(const Credentials&, AuthenticationDone done) override {
        ++begun;
        done_ = std::move(done);
        if (!later_) finish();
        return std::make_unique<Talk>(*this);
    }
    void finish(Outcome with) {
        AuthenticationStep step(with);
        if (with == Outcome::allow) step.principal = PrincipalRef(new Principal(TenantId{}, "scripted"));
        done_(std::move(step));
    }
    void finish() { finish(outcome_); }

    int begun = 0;
    std::string heard;

private:
    struct Talk final : Authentication {
        explicit Talk(Scripted& whose) : owner(whose) {}
        void next(Bytes data) override {
            owner.heard += as_text(data);
            owner.finish(Outcome::allow);
        }
        Scripted& owner;
    };

    Outcome outcome_;
    bool later_;
    AuthenticationDone done_;
};

class AuthenticationChainTest : public ::testing::Test {
protected:
    std::shared_ptr<Scripted> add(Outcome outcome, bool later = false) {
        auto added = std::make_shared<Scripted>(outcome, later);
        policy->authenticators.push_back(added);
        return added;
    }
    std::unique_ptr<Authentication> start(Credentials credentials = {}) {
        return AuthenticationChain::start(policy, std::move(credentials), [this](AuthenticationStep step) { steps.push_back(std::move(step)); });
    }

    std::shared_ptr<Policy> policy = std::make_shared<Policy>();
    std::vector<AuthenticationStep> steps;
};

TEST_F(AuthenticationChainTest, DeniesWhenNobodyIsLeft) {
    EXPECT_EQ(start(), nullptr);
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].outcome, Outcome::deny);
    EXPECT_TRUE(steps[0].unjudged);
    add(Outcome::abstain);
    start();
    EXPECT_EQ(steps[1].outcome, Outcome::deny);
}

TEST_F(AuthenticationChainTest, StopsAtTheFirstThatDecides) {
    add(Outcome::abstain);
    add(Outcome::deny);
    const auto third = add(Outcome::allow);
    start();
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].outcome, Outcome::deny);
    EXPECT_EQ(third->begun, 0);
}

TEST_F(AuthenticationChainTest, AConnectorMayHaveAChainOfItsOwn) {
    const auto common = add(Outcome::deny);
    const auto own = std::make_shared<Scripted>(Outcome::allow);
    policy->chains["plant"] = {own};
    policy->chains["closed"] = {};
    for (const char* connector : {"plant", "other", "closed"}) {
        Credentials credentials;
        credentials.connector = connector;
        start(std::move(credentials));
    }
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(steps[0].outcome, Outcome::allow);
    EXPECT_EQ(steps[1].outcome, Outcome::deny);
    EXPECT_EQ(steps[2].outcome, Outcome::deny);
    EXPECT_EQ(own->begun, 1);
    EXPECT_EQ(common->begun, 1);
}

TEST_F(AuthenticationChainTest, GoesOnAfterALateAbstention) {
    const auto first = add(Outcome::abstain, true);
    add(Outcome::allow);
    const auto conversation = start();
    EXPECT_TRUE(steps.empty());
    first->finish();
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].principal->name, "scripted");
}

TEST_F(AuthenticationChainTest, CarriesAConversation) {
    const auto only = add(Outcome::challenge);
    const auto conversation = start();
    ASSERT_NE(conversation, nullptr);
    EXPECT_EQ(steps[0].outcome, Outcome::challenge);
    conversation->next(as_bytes("response"));
    EXPECT_EQ(only->heard, "response");
    ASSERT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[1].outcome, Outcome::allow);
}

TEST_F(AuthenticationChainTest, IsSilentOnceDestroyed) {
    const auto only = add(Outcome::allow, true);
    start().reset();
    only->finish();
    EXPECT_TRUE(steps.empty());
}

TEST_F(AuthenticationChainTest, SurvivesAnOwnerThatDropsItWithinTheAnswer) {
    const auto only = add(Outcome::allow, true);
    std::unique_ptr<Authentication> conversation;
    int called = 0;
    conversation = AuthenticationChain::start(policy, {}, [&](AuthenticationStep) {
        ++called;
        conversation.reset();
    });
    only->finish();
    EXPECT_EQ(called, 1);
}

}  // namespace
}  // namespace junctor
