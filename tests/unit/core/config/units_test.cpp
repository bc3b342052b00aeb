#include "core/config/units.hpp"

#include <gtest/gtest.h>

namespace junctor::config {
namespace {

using namespace std::chrono_literals;

TEST(Units, Durations) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1.5h"), 90min);
    EXPECT_EQ(parse_duration("2d"), 48h);
    EXPECT_EQ(parse_duration("0"), 0s);
    for (const char* text : {"", "5", "s", "-1s", "1x", "1 s", "1e9s", "nan", "inf", "99999999d", "0x1s"}) EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Units, Sizes) {
    EXPECT_EQ(parse_size("512"), 512);
    EXPECT_EQ(parse_size("64k"), 65'536);
    EXPECT_EQ(parse_size("64KiB"), 65'536);
    EXPECT_EQ(parse_size("16MiB"), 16 << 20);
    EXPECT_EQ(parse_size("1kB"), 1'000);
    for (const char* text : {"", "k", "-1", "1KB2", "99999999999GiB", "1e3"}) EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Units, TextsAreReadBack) {
    for (const Duration duration : {Duration(0), Duration(250ms), Duration(90s), Duration(2min), Duration(1500us)})
        EXPECT_EQ(parse_duration(duration_text(duration)), duration);
    EXPECT_EQ(duration_text(60s), "1m");
    EXPECT_EQ(duration_text(10s), "10s");
    for (const std::int64_t size : {0LL, 1LL, 1'000LL, 65'536LL, 8LL << 20}) EXPECT_EQ(parse_size(size_text(size)), size);
    EXPECT_EQ(size_text(8 << 20), "8MiB");
}

}  // namespace
}  // namespace junctor::config
