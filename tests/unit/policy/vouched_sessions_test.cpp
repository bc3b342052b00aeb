#include "policy/vouched_sessions.hpp"

#include <gtest/gtest.h>

#include "core/session/session_table.hpp"
#include "policy/policy_gate.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/test_cluster.hpp"
#include "tests/support/test_vouching.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeSession;
using test::TestCluster;
using test::TestVouching;

class VouchedSessionsTest : public testing::Test {
protected:
    /// A session whose principal is vouched for that long from now on.
    void vouch(FakeSession& session, std::chrono::milliseconds time) {
        Ref<Principal> principal(new Principal(TenantId{}, "tester"));
        principal->expires_at = cluster.clock.wall() + time;
        session.set_principal(PrincipalRef(principal));
        session.close_through = &cluster.gate();
    }

    TestCluster cluster;
};

TEST_F(VouchedSessionsTest, ASessionEndsWithItsCredentials) {
    FakeSession session;
    vouch(session, 10s);
    ASSERT_TRUE(cluster.gate().open(session, {}));
    cluster.advance(9s);
    EXPECT_FALSE(session.closed);
    cluster.advance(2s);
    EXPECT_EQ(session.closed, CloseReason::not_authorized);
    EXPECT_EQ(session.closed_text, "the credentials have expired");
    EXPECT_EQ(cluster.core().sessions().size(), 0U);
}

TEST_F(VouchedSessionsTest, WhoseTimeIsOverDoesNotComeIn) {
    FakeSession session;
    vouch(session, 0ms);
    EXPECT_EQ(cluster.gate().open(session, {}).error(), make_error_code(Errc::denied));
}

TEST_F(VouchedSessionsTest, WhoLeavesEarlierIsForgotten) {
    {
        FakeSession session;
        vouch(session, 10s);
        ASSERT_TRUE(cluster.gate().open(session, {}));
        cluster.gate().close(session, CloseReason::normal);
    }
    cluster.advance(20s);
    EXPECT_EQ(cluster.core().sessions().size(), 0U);
}

class RenewedVouchingTest : public VouchedSessionsTest {
protected:
    RenewedVouchingTest() {
        vouch(session, 1h);
        Ref<Principal> principal(new Principal(TenantId{}, "tester"));
        principal->expires_at = cluster.clock.wall() + 1h;
        principal->vouching = vouching;
        session.set_principal(PrincipalRef(principal));
        EXPECT_TRUE(cluster.gate().open(session, {}));
    }

    std::shared_ptr<TestVouching> vouching = std::make_shared<TestVouching>();
    FakeSession session;
};

TEST_F(RenewedVouchingTest, IsAskedForAgainWhileTheSessionLasts) {
    for (int i = 0; i < 30; ++i) cluster.advance(1s);
    EXPECT_EQ(vouching->asked, 2) << "a timer fires a little late";
    EXPECT_FALSE(session.closed);
    vouching->holds = false;
    cluster.advance(11s);
    EXPECT_EQ(session.closed, CloseReason::not_authorized);
    EXPECT_EQ(session.closed_text, "the credentials do not count any more");
    cluster.advance(1min);
    EXPECT_EQ(vouching->asked, 3);
}

TEST_F(RenewedVouchingTest, MayTakeItsTime) {
    vouching->later = true;
    for (int i = 0; i < 5; ++i) cluster.advance(11s);
    EXPECT_EQ(vouching->asked, 1) << "one question at a time";
    vouching->waiting(true);
    EXPECT_FALSE(session.closed);
    cluster.advance(11s);
    EXPECT_EQ(vouching->asked, 2);
    vouching->waiting(false);
    EXPECT_EQ(session.closed, CloseReason::not_authorized);
}

TEST_F(RenewedVouchingTest, NoOtherSessionBeginsOnWhatHasEnded) {
    vouching->holds = false;
    cluster.advance(11s);
    FakeSession again;
    again.set_principal(session.principal());
    EXPECT_EQ(cluster.gate().open(again, {}).error(), make_error_code(Errc::denied));
    bool known = false;
    EXPECT_EQ(cluster.gate().when_known(again, Verb::connect, {}, [&] { known = true; }), nullptr);
    EXPECT_TRUE(known);
    EXPECT_EQ(vouching->asked, 2) << "it may have been an outage";
    EXPECT_EQ(cluster.gate().open(again, {}).error(), make_error_code(Errc::denied));
}

TEST_F(RenewedVouchingTest, WhatIsInDoubtIsAskedBeforeASessionBegins) {
    for (const bool holds : {true, false}) {
        vouching->doubt();
        vouching->later = true;
        FakeSession newcomer;
        newcomer.set_principal(session.principal());
        bool known = false;
        const auto wait = cluster.gate().when_known(newcomer, Verb::connect, {}, [&] { known = true; });
        ASSERT_NE(wait, nullptr);
        EXPECT_FALSE(known);
        vouching->waiting(holds);
        EXPECT_TRUE(known);
        EXPECT_EQ(cluster.gate().open(newcomer, {}).has_value(), holds);
        cluster.gate().close(newcomer, CloseReason::normal);
    }
}

TEST_F(RenewedVouchingTest, EndsWithItsExpiryAllTheSame) {
    vouching->later = true;
    cluster.advance(1h);
    cluster.advance(1s);
    EXPECT_EQ(session.closed_text, "the credentials have expired");
}

TEST_F(VouchedSessionsTest, WhoIsVouchedForWithoutEndStays) {
    FakeSession session;
    session.close_through = &cluster.gate();
    ASSERT_TRUE(cluster.gate().open(session, {}));
    cluster.advance(std::chrono::hours(1000));
    EXPECT_FALSE(session.closed);
    cluster.gate().close(session, CloseReason::normal);
}

}  // namespace
}  // namespace junctor
