#include "core/base/json_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor {
namespace {

using namespace std::string_view_literals;

JsonErrc check(std::string_view text, JsonLimits limits = {}) { return read_json(text, limits).error; }

std::string decoded(std::string_view text) {
    ByteBuffer out;
    append_decoded(out, read_json(text, {}).root);
    return std::string(as_text(out));
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string text;
    for (std::size_t count = 0; count < times; ++count) text += part;
    return text;
}

TEST(JsonReader, TakesWhatRfc8259Allows) {
    for (const std::string_view text : {"null", "true", " false ", "0", "-0", "-1.5e-10", "1E+2", "123456789012345678901234567890", "\"\"", "[]", "{}",
                                        "[ ]", "{ }", "[1 , 2]", "\t{\"a\" : [ { } ] , \"\" : null}\r\n", "\"\\u00e9\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                        "\"\x7f\xe2\x82\xac\"", "{\"a\":1,\"a\":2}", "[[],{},\"]\",\"}\",\"\\\"]\"]", "1e400"})
        EXPECT_EQ(check(text), JsonErrc::ok) << text;
}

TEST(JsonReader, RefusesWhatItDoesNot) {
    for (const std::string_view text :
         {""sv, " "sv, "nul"sv, "True"sv, "01"sv, "-"sv, "+1"sv, ".5"sv, "1."sv, "1e"sv, "1e+"sv, "0x10"sv, "NaN"sv, "-Infinity"sv, "'a'"sv, "\""sv, "\"a"sv, "\"\\\""sv, "\"\\x41\""sv,
          "\"\\u12g4\""sv, "\"\\u12"sv, "\"\n\""sv, "\"\0\""sv, "["sv, "]"sv, "[1"sv, "[1,"sv, "[1,]"sv, "[,1]"sv, "[1 2]"sv, "[1}"sv, "{"sv, "}"sv, "{\"a\""sv, "{\"a\":"sv, "{\"a\":1"sv,
          "{\"a\":1,"sv, "{\"a\":1,}"sv, "{a:1}"sv, "{1:1}"sv, "{\"a\" 1}"sv, "{\"a\":1]"sv, "1 2"sv, "{} {}"sv, "[] // no"sv, "\xef\xbb\xbf{}"sv, "nullx"sv, "\"a\"b"sv, "\0"sv, "\"\\\0\""sv})
        EXPECT_EQ(check(text), JsonErrc::syntax) << testing::PrintToString(text);
}

TEST(JsonReader, RefusesTextThatStandsForNoCharacters) {
    for (const std::string_view text : {"\"\x80\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xe2\x82\"", "\"\\ud800\"", "\"\\udc00\"",
                                        "\"\\ud800\\u0041\"", "\"\\ud800x\"", "{\"\xff\":1}"})
        EXPECT_EQ(check(text), JsonErrc::bad_utf8) << testing::PrintToString(text);
}

TEST(JsonReader, Threat16NestingIsCutAtItsLimit) {
    EXPECT_EQ(check(repeated("[", 64) + repeated("]", 64)), JsonErrc::ok);
    EXPECT_EQ(check(repeated("[", 65) + repeated("]", 65)), JsonErrc::too_deep);
    EXPECT_EQ(check(repeated("{\"a\":", 65) + "1" + repeated("}", 65)), JsonErrc::too_deep);
    EXPECT_EQ(check(repeated("[", 1'000'000)), JsonErrc::too_deep);
    EXPECT_EQ(check(repeated("[", 1'025) + repeated("]", 1'025), {.nesting = 1'000'000}), JsonErrc::too_deep);
    EXPECT_EQ(check(repeated("[", 1'024) + repeated("]", 1'024), {.nesting = 1'000'000}), JsonErrc::ok);
}

TEST(JsonReader, SizesAreLimited) {
    EXPECT_EQ(check("[1,2,3]", {.bytes = 7}), JsonErrc::ok);
    EXPECT_EQ(check("[1,2,3]", {.bytes = 6}), JsonErrc::too_large);
    EXPECT_EQ(check("[1,2,3]", {.values = 4}), JsonErrc::ok);
    EXPECT_EQ(check("[1,2,3]", {.values = 3}), JsonErrc::too_large);
}

TEST(JsonReader, SaysWhereItStopped) {
    EXPECT_EQ(read_json("{\"a\":x}", {}).error_at, 5u);
    EXPECT_EQ(read_json("[1,2", {}).error_at, 4u);
}

TEST(JsonReader, ASpecialByteIsFoundAtEveryOffset) {
    for (std::size_t at = 0; at < 24; ++at) {
        std::string text(24, 'x');
        EXPECT_EQ(check('"' + text + '"'), JsonErrc::ok);
        text[at] = '\x1f';
        EXPECT_EQ(check('"' + text + '"'), JsonErrc::syntax);
        text[at] = '\xff';
        EXPECT_EQ(check('"' + text + '"'), JsonErrc::bad_utf8);
        text[at] = '"';
        EXPECT_EQ(check('"' + text + '"'), JsonErrc::syntax);
        text[at] = '\\';
        EXPECT_EQ(check('"' + text + '"'), JsonErrc::syntax);
    }
}

TEST(JsonReader, WalksMembersInTheirOrderWithDuplicates) {
    JsonCursor cursor(read_json(R"( { "a" : [1,{"x":"]"}] , "b":"q\"}" ,"a": -1e5,"c":{} } )", {}).root);
    JsonValue name, value;
    std::string seen;
    while (cursor.next(name, value)) seen += std::string(name.bare()) + '=' + std::string(value.text) + ';';
    EXPECT_EQ(seen, R"(a=[1,{"x":"]"}];b="q\"}";a=-1e5;c={};)");
    EXPECT_FALSE(cursor.next(name, value));
}

TEST(JsonReader, WalksElementsWithTheirTypes) {
    JsonCursor cursor(read_json(R"([null,true,1,"s",[],{}])", {}).root);
    JsonValue element;
    for (const auto type : {JsonValue::Type::null, JsonValue::Type::boolean, JsonValue::Type::number, JsonValue::Type::string,
                            JsonValue::Type::array, JsonValue::Type::object}) {
        ASSERT_TRUE(cursor.next(element));
        EXPECT_EQ(element.type, type);
    }
    EXPECT_FALSE(cursor.next(element));
}

TEST(JsonReader, NothingInAnEmptyContainer) {
    JsonValue name, value;
    EXPECT_FALSE(JsonCursor(read_json("[ ]", {}).root).next(value));
    EXPECT_FALSE(JsonCursor(read_json("{ }", {}).root).next(name, value));
}

TEST(JsonReader, DecodesEveryEscape) {
    EXPECT_EQ(decoded(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(decoded(R"("\u0041\u00e9\u20AC\ud83D\uDE00z")"), "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
    EXPECT_EQ(decoded(R"("\u0000")"), std::string(1, '\0'));
    EXPECT_EQ(decoded(R"("\udbff\udfff")"), "\xf4\x8f\xbf\xbf");
    EXPECT_EQ(decoded(R"("")"), "");
}

}  // namespace
}  // namespace junctor
