#include "core/web/field_line.hpp"

#include <gtest/gtest.h>

namespace junctor::web {
namespace {

TEST(FieldLine, SplitsNameAndTrimmedValue) {
    const auto field = FieldLine::parse("Content-Type: \t text/plain; a=\"b:c\" ");
    ASSERT_TRUE(field);
    EXPECT_EQ(field->name, "Content-Type");
    EXPECT_EQ(field->value, "text/plain; a=\"b:c\"");
    EXPECT_EQ(FieldLine::parse("X:")->value, "");
    EXPECT_EQ(FieldLine::parse("X: \xc3\xa4")->value, "\xc3\xa4");
}

TEST(FieldLine, RefusesWhatIsNone) {
    for (const char* line : {"", "X", ":", ": a", " X: a", "X : a", "X\t: a", "X Y: a", "X\x01: a", "X: a\x01", "X: a\x7f", "X: a\nY: b", "(X): a"})
        EXPECT_FALSE(FieldLine::parse(line)) << line;
}

TEST(FieldLine, ListsAreSearchedByElement) {
    EXPECT_TRUE(list_contains("keep-alive, Upgrade", "upgrade"));
    EXPECT_TRUE(list_contains("upgrade", "Upgrade"));
    EXPECT_FALSE(list_contains("upgraded", "upgrade"));
    EXPECT_FALSE(list_contains("", "upgrade"));
    EXPECT_TRUE(list_contains(",, close ,", "close"));
}

TEST(FieldLine, TokensAreAsInRfc9110) {
    EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
    for (const char* none : {"", "a b", "a:b", "a/b", "\"a\"", "a\xc3"}) EXPECT_FALSE(is_token(none)) << none;
}

}  // namespace
}  // namespace junctor::web
