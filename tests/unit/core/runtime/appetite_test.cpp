#include "core/runtime/appetite.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

struct AppetiteTest : testing::Test {
    void pass_window() {
        now += Appetites::window_length;
        all.turn(now);
    }
    Appetites all;
    Appetite small;
    Appetite large;
    TimePoint now{};
};

TEST_F(AppetiteTest, NobodyIsLargeWhileThereIsTimeForAll) {
    all.count(small, 10);
    all.count(large, 100'000);
    EXPECT_FALSE(all.large(large));
}

TEST_F(AppetiteTest, LargeIsWhoSendsMoreThanHalfOfTheMean) {
    all.count(small, 10);
    all.count(large, 100'000);
    all.crowd();
    EXPECT_TRUE(all.large(large));
    EXPECT_FALSE(all.large(small));
}

TEST_F(AppetiteTest, EqualsAreAllLarge) {
    all.count(small, 100'000);
    all.count(large, 100'000);
    all.crowd();
    EXPECT_TRUE(all.large(large));
    EXPECT_TRUE(all.large(small));
}

TEST_F(AppetiteTest, TheFirstOfAWindowIsMeasuredByTheOneBefore) {
    all.count(large, 100'000);
    pass_window();
    all.crowd();
    all.count(small, 10);
    EXPECT_FALSE(all.large(small));
    all.count(large, 10);
    EXPECT_TRUE(all.large(large)) << "it was a moment ago";
}

TEST_F(AppetiteTest, WhoSendsLittleForAWholeWindowIsNotLargeAnyMore) {
    all.count(large, 100'000);
    for (int window = 0; window < 2; ++window) {
        pass_window();
        all.crowd();
        Appetite other;
        all.count(other, 100'000);
        all.count(large, 10);
        EXPECT_EQ(all.large(large), window == 0);
    }
}

TEST_F(AppetiteTest, ACrowdIsForgottenAfterTheNextWindow) {
    all.crowd();
    all.count(large, 100'000);
    pass_window();
    all.count(large, 100'000);
    EXPECT_TRUE(all.large(large));
    pass_window();
    all.count(large, 100'000);
    EXPECT_FALSE(all.large(large));
}

}  // namespace
}  // namespace junctor
