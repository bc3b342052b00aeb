#include "core/config/units.hpp"

#include <gtest/gtest.h>

namespace junctor::config {
namespace {

using namespace std::chrono_literals;

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
