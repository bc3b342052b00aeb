#include "core/observe/outage.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(Outage, IsToldOnceForEachReasonAndAnewAfterItsEnd) {
    Outage outage;
    EXPECT_TRUE(outage.is_news("refused"));
    EXPECT_FALSE(outage.is_news("refused"));
    EXPECT_TRUE(outage.is_news("no such host"));
    EXPECT_FALSE(outage.is_news("no such host"));
    EXPECT_TRUE(outage.is_news("refused"));
    outage.over();
    EXPECT_TRUE(outage.is_news("refused"));
}

TEST(Outage, WithoutAReasonIsToldToo) { EXPECT_TRUE(Outage().is_news("")); }

}  // namespace
}  // namespace junctor
