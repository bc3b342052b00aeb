#include "core/base/duration_text.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

using namespace std::chrono_literals;

TEST(DurationText, ReadsWhatPeopleWrite) {
    EXPECT_EQ(parse_duration("30"), 30s);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("0.5"), 500ms);
    EXPECT_EQ(parse_duration("1.5m"), 90s);
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("7us"), 7us);
    EXPECT_EQ(parse_duration("12h"), 12h);
    EXPECT_EQ(parse_duration("1d"), 24h);
    EXPECT_EQ(parse_duration("0"), 0s);
    EXPECT_EQ(parse_duration("4294967295"), max_duration);
}

TEST(DurationText, RefusesEverythingElse) {
    for (const std::string_view text : {"", "s", "-1", "-1s", "1 s", " 1s", "1w", "1ss", "nan", "inf", "1e400", "4294967296", "1e300d", "0x10"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

}  // namespace
}  // namespace junctor
