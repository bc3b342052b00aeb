#include "gateway/option_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(OptionChecks, ACountIsAWholeNumberFromOne) {
    for (const char* good : {"1", "10", "007", "18446744073709551615"}) EXPECT_EQ(not_a_count(good), "") << good;
    for (const char* bad : {"", "0", "-1", "+1", "1.5", "1e3", "0x10", "x", "1 ", " 1", "1x", "--json"})
        EXPECT_EQ(not_a_count(bad), std::string("must be a whole number from 1 up, not '") + bad + "'") << bad;
    EXPECT_EQ(not_a_count("18446744073709551616"), "must be at most 18446744073709551615, not '18446744073709551616'");
}

TEST(OptionChecks, ATimeIsLongerThanNothing) {
    for (const char* good : {"1", "0.5", "1us", "250ms", "30s", "1.5m", "49710d"}) EXPECT_EQ(not_a_time(good), "") << good;
    for (const char* bad : {"", "0", "0s", "0.0000000001s", "-1s", "5 s", "soon", "nan", "inf", "49711d", "1y"})
        EXPECT_THAT(not_a_time(bad), testing::StartsWith("must be a time like 250ms, 30s or 5m, from 1us to 49710d, not '")) << bad;
}

TEST(OptionChecks, SomeTextIsNotEmpty) {
    EXPECT_EQ(no_text("x"), "");
    EXPECT_EQ(no_text(""), "must not be empty");
}

TEST(OptionChecks, ThereAreThreeGuarantees) {
    for (const char* good : {"0", "1", "2"}) EXPECT_EQ(not_a_qos(good), "");
    for (const char* bad : {"", "3", "-1", "0x1", "1.0", "01", "one"}) EXPECT_EQ(not_a_qos(bad), std::string("must be 0, 1 or 2, not '") + bad + "'");
}

}  // namespace
}  // namespace junctor
