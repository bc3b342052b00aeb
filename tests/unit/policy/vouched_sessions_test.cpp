#include "policy/vouched_sessions.hpp"

#include <gtest/gtest.h>

#include "core/session/session_table.hpp"
#include "policy/policy_gate.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeSession;
using test::TestCluster;

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
