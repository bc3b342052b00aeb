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
    Appetite middle;
    Appetite large;
    TimePoint now{};
};

TEST_F(AppetiteTest, NobodyIsLargeWhileThereIsTimeForAll) {
    all.count(small, 10);
    all.count(large, 100'000);
    EXPECT_FALSE(all.large(large, false));
}

TEST_F(AppetiteTest, LargeIsWhoSendsMoreThanHalfOfTheMean) {
    all.count(small, 10);
    all.count(large, 100'000);
    all.crowd();
    EXPECT_TRUE(all.large(large, false));
    EXPECT_FALSE(all.large(small, false));
}

TEST_F(AppetiteTest, EqualsAreAllLarge) {
    all.count(small, 100'000);
    all.count(large, 100'000);
    all.crowd();
    EXPECT_TRUE(all.large(large, false));
    EXPECT_TRUE(all.large(small, false));
}

TEST_F(AppetiteTest, TheFirstOfAWindowIsMeasuredByTheOneBefore) {
    all.count(large, 100'000);
    pass_window();
    all.crowd();
    all.count(small, 10);
    EXPECT_FALSE(all.large(small, false));
    all.count(large, 10);
    EXPECT_TRUE(all.large(large, false)) << "it was a moment ago";
}

TEST_F(AppetiteTest, WhoSendsLittleForAWholeWindowIsNotLargeAnyMore) {
    all.count(large, 100'000);
    for (int window = 0; window < 2; ++window) {
        pass_window();
        all.crowd();
        all.count(middle, 100'000);
        all.count(large, 10);
        EXPECT_EQ(all.large(large, false), window == 0);
    }
}

TEST_F(AppetiteTest, AcknowledgementsCountAsMuchAsWhatTheyAreFor) {
    all.count(large, 1'000);
    Appetites::count_written(small, 1'000);
    all.count(small, 40);
    all.crowd();
    EXPECT_TRUE(all.large(small, false));
    pass_window();
    pass_window();
    all.crowd();
    all.count(large, 1'000);
    all.count(small, 40);
    EXPECT_FALSE(all.large(small, false)) << "nothing was written meanwhile";
}

TEST_F(AppetiteTest, WhatIsWrittenToSomebodyThatSendsRarelyCountsLittle) {
    for (int i = 0; i < 1'000; ++i) Appetites::count_written(small, 1'000);
    all.count(small, 40);
    EXPECT_EQ(small.now, 40 + Appetites::most_written);
}

TEST_F(AppetiteTest, WhoIsLargeStaysSoUntilItSendsMuchLess) {
    all.count(large, 170);
    all.count(small, 30);
    all.count(middle, 40);
    all.crowd();
    EXPECT_FALSE(all.large(middle, false));
    EXPECT_TRUE(all.large(middle, true));
    EXPECT_TRUE(all.large(small, true));
    all.count(large, 10'000);
    EXPECT_FALSE(all.large(middle, true));
}

TEST_F(AppetiteTest, ACrowdIsForgottenAfterTheNextWindow) {
    all.crowd();
    all.count(large, 100'000);
    pass_window();
    all.count(large, 100'000);
    EXPECT_TRUE(all.large(large, false));
    pass_window();
    all.count(large, 100'000);
    EXPECT_FALSE(all.large(large, false));
}

}  // namespace
}  // namespace junctor
