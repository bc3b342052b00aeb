#include "core/base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, TakesEveryLengthAtItsEdges) {
    for (const std::string_view text : {""sv, "a"sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
                                        "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv})
        EXPECT_TRUE(valid_utf8(text)) << testing::PrintToString(text);
}

TEST(Utf8, Threat15RefusesOverlongSurrogatesAndBeyond) {
    for (const std::string_view text : {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x80\x80"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv,
                                        "\xed\xbf\xbf"sv, "\xf0\x80\x80\x80"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv,
                                        "\xff"sv, "\xfe"sv})
        EXPECT_FALSE(valid_utf8(text)) << testing::PrintToString(text);
}

TEST(Utf8, RefusesASequenceCutShortWhereverItStands) {
    for (const std::string_view cut : {"\xc2"sv, "\xe1\x80"sv, "\xf1\x80\x80"sv})
        for (std::size_t before = 0; before < 20; ++before) {
            EXPECT_FALSE(valid_utf8(std::string(before, 'a') + std::string(cut)));
            EXPECT_FALSE(valid_utf8(std::string(before, 'a') + std::string(cut) + "aaaaaaaaa"));
        }
}

TEST(Utf8, FindsABadByteAtEveryOffsetOfALongText) {
    for (std::size_t at = 0; at < 40; ++at) {
        std::string text(40, 'x');
        EXPECT_TRUE(valid_utf8(text));
        text[at] = '\xff';
        EXPECT_FALSE(valid_utf8(text));
    }
}

TEST(Utf8, ASequenceSaysItsSize) {
    EXPECT_EQ(utf8_sequence("a"), 1u);
    EXPECT_EQ(utf8_sequence("\xc3\xa9z"), 2u);
    EXPECT_EQ(utf8_sequence("\xe2\x82\xacz"), 3u);
    EXPECT_EQ(utf8_sequence("\xf0\x9f\x98\x80z"), 4u);
    EXPECT_EQ(utf8_sequence(""), 0u);
    EXPECT_EQ(utf8_sequence("\x80"), 0u);
}

}  // namespace
}  // namespace junctor
