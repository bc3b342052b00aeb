#include "core/model/turned_away.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(TurnedAway, WhoIsNotLetInHearsWhy) {
    EXPECT_EQ(turned_away_as(Errc::denied), CloseReason::not_authorized);
    EXPECT_EQ(turned_away_as(Errc::name_kept), CloseReason::name_kept);
    EXPECT_EQ(turned_away_as(Errc::quota_exceeded), CloseReason::quota_exceeded);
    EXPECT_EQ(turned_away_as(Errc::shutting_down), CloseReason::server_shutdown);
    EXPECT_EQ(turned_away_as(Errc::overloaded), CloseReason::overloaded);
    EXPECT_EQ(turned_away_as(Errc::unavailable), CloseReason::overloaded);
}

}  // namespace
}  // namespace junctor
