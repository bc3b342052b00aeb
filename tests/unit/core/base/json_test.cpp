#include "core/base/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace junctor {
namespace {

std::string as_json(std::string_view text) {
    ByteBuffer out;
    append_json_string(out, text);
    return std::string(as_text(out));
}

TEST(Json, BuildsADocument) {
    const Result<nlohmann::json> built = parse_json(as_bytes(R"({"a":[1,"x",null]})"));
    ASSERT_TRUE(built);
    EXPECT_EQ((*built)["a"][1], "x");
}

TEST(Json, TheLastOfDuplicateNamesWins) { EXPECT_EQ((*parse_json(as_bytes(R"({"a":1,"a":2})")))["a"], 2); }

TEST(Json, SaysWhyNot) {
    EXPECT_EQ(parse_json(as_bytes("{")).error(), JsonErrc::syntax);
    EXPECT_EQ(parse_json(as_bytes("\"\xff\"")).error(), JsonErrc::bad_utf8);
    EXPECT_EQ(parse_json(as_bytes("[[1]]"), {.nesting = 1}).error(), JsonErrc::too_deep);
    EXPECT_EQ(parse_json(as_bytes("[1,2]"), {.values = 2}).error(), JsonErrc::too_large);
    EXPECT_EQ(parse_json(as_bytes("1e400")).error(), JsonErrc::too_large);
    EXPECT_EQ(parse_json(as_bytes("{")).error().message(), "not valid JSON");
}

TEST(Json, Threat16AMillionBracketsCostNothing) {
    EXPECT_EQ(parse_json(as_bytes(std::string(1'000'000, '['))).error(), JsonErrc::too_deep);
}

// Ordered containers: names chosen to collide in a hash table have nothing to collide in.
TEST(Json, Threat16AFloodOfNamesStaysCheap) {
    std::string text = "{";
    for (int number = 0; number < 50'000; ++number) text += (number ? ",\"" : "\"") + std::to_string(number) + "\":0";
    const Result<nlohmann::json> built = parse_json(as_bytes(text + "}"));
    ASSERT_TRUE(built);
    EXPECT_EQ(built->size(), 50'000u);
}

TEST(Json, AStringIsEscapedOnlyWhereItMust) {
    EXPECT_EQ(as_json(""), R"("")");
    EXPECT_EQ(as_json("plain \xe2\x82\xac /"), "\"plain \xe2\x82\xac /\"");
    EXPECT_EQ(as_json("\"\\\b\f\n\r\t\x01\x1f\x7f"), "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    EXPECT_EQ(as_json(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(Json, EveryAsciiStringReadsBack) {
    std::string all;
    for (char c = 0; c >= 0 && c < 127; ++c) all.push_back(c);
    EXPECT_EQ(parse_json(as_bytes(as_json(all)))->get<std::string>(), all);
}

}  // namespace
}  // namespace junctor
