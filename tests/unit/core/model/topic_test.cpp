#include "core/model/topic.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor {
namespace {

using namespace std::string_literals;

TEST(Topic, ParsesNames) {
    for (const std::string& text : {"a"s, "/"s, "a/b/c"s, "a//b"s, "/a/"s, " "s, "$SYS/x"s, "\xc3\xa9/\xe2\x82\xac"s, "a b*>.c"s, std::string(65'535, 'x')})
        EXPECT_TRUE(Topic::parse({}, text)) << text.substr(0, 40);
}

TEST(Topic, RefusesWhatIsNoName) {
    for (const std::string& text : {""s, "a/+"s, "+"s, "#"s, "a/#"s, "a#b"s, "a+b"s, "a\0b"s, "a\nb"s, "\x7f"s, "\xc2\x85"s, "a\xc0\x80"s, "\xed\xa0\x80"s,
                                    std::string(65'536, 'x')}) {
        const auto parsed = Topic::parse({}, text);
        ASSERT_FALSE(parsed) << text.substr(0, 40);
        EXPECT_EQ(parsed.error(), make_error_code(Errc::bad_topic));
    }
}

// Wherever a character stands in a text of any length, it is seen, and nothing else is taken for it.
TEST(Topic, JudgesEveryCharacterInEveryPlace) {
    for (std::size_t size = 1; size <= 20; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string text(size, 'x');
                text[at] = static_cast<char>(byte);
                const bool good = byte >= 0x20 && byte < 0x7f && byte != '+' && byte != '#';
                ASSERT_EQ(Topic::parse({}, text).has_value(), good) << size << " " << at << " " << byte;
                text += "\xc3\xa9";
                ASSERT_EQ(Topic::parse({}, text).has_value(), good) << size << " " << at << " " << byte;
            }
        }
    }
}

TEST(Topic, Threat15BoundsItsLevels) {
    EXPECT_TRUE(Topic::parse({}, std::string(max_topic_levels - 1, '/')));
    EXPECT_FALSE(Topic::parse({}, std::string(max_topic_levels, '/')));
    EXPECT_TRUE(Topic::parse({}, "\xc3\xa9" + std::string(max_topic_levels - 1, '/')));
    EXPECT_FALSE(Topic::parse({}, "\xc3\xa9" + std::string(max_topic_levels, '/')));
}

TEST(Topic, HashCoversTenantAndText) {
    const Topic a = *Topic::parse({}, "a/b");
    EXPECT_EQ(a.hash(), Topic::parse({}, "a/b")->hash());
    EXPECT_NE(a.hash(), Topic::parse({}, "a/c")->hash());
    EXPECT_NE(a.hash(), Topic::parse(TenantId{1}, "a/b")->hash());
    EXPECT_EQ(a.hash(), Topic::hash_of({}, "a/b"));
}

TEST(Topic, KnowsReservedNames) {
    EXPECT_TRUE(Topic::parse({}, "$SYS/x")->reserved());
    EXPECT_FALSE(Topic::parse({}, "a/$SYS")->reserved());
}

}  // namespace
}  // namespace junctor
