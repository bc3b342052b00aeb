#include "connectors/zeromq/codec_fields.hpp"

#include <gtest/gtest.h>

namespace junctor::zeromq {
namespace {

std::string_view decode(std::string_view text, Fields& out, FieldsLimits limits = {}) { return decode_fields(as_bytes(text), limits, out); }

std::string fault_of(std::string_view text, FieldsLimits limits = {}) {
    Fields fields;
    return std::string(decode(text, fields, limits));
}

std::string encoded(const Fields& fields) {
    std::string members;
    append_members(members, fields);
    return fields_frame(members);
}

TEST(ZeromqFields, NothingIsAnEmptyFrame) {
    EXPECT_EQ(encoded(Fields()), "");
    Fields fields;
    EXPECT_EQ(decode("", fields), "");
    EXPECT_EQ(decode("{}", fields), "");
}

TEST(ZeromqFields, EveryFieldSurvivesBothWays) {
    const std::string text =
        R"({"content_type":"text/plain","headers":{"a":"1","b":"\"2\n"},"qos":1,"retain":true,"ttl":1.5,"timeout":30,)"
        R"("reply_to":"x/y","correlation":"c-1"})";
    Fields fields;
    ASSERT_EQ(decode(text, fields), "");
    EXPECT_EQ(fields.content_type, "text/plain");
    ASSERT_EQ(fields.headers.size(), 2U);
    EXPECT_EQ(fields.headers[1].second, "\"2\n");
    EXPECT_EQ(fields.qos, 1);
    EXPECT_TRUE(fields.retain);
    EXPECT_EQ(fields.ttl, std::chrono::milliseconds(1500));
    EXPECT_EQ(fields.timeout, std::chrono::seconds(30));
    EXPECT_EQ(fields.reply_to, "x/y");
    EXPECT_EQ(as_text(fields.correlation), "c-1");
    EXPECT_EQ(encoded(fields), text);
}

TEST(ZeromqFields, DuplicateHeadersAndBinaryCorrelationSurvive) {
    Fields fields;
    fields.headers = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
    fields.correlation = {0xff, 0x00};
    const std::string text = encoded(fields);
    EXPECT_EQ(text, R"({"headers":[["a","1"],["b","2"],["a","3"]],"correlation_base64":"/wA="})");
    Fields back;
    ASSERT_EQ(decode(text, back), "");
    EXPECT_EQ(back.headers, fields.headers);
    EXPECT_EQ(back.correlation, fields.correlation);
}

TEST(ZeromqFields, DurationsAreSecondsOrText) {
    Fields fields;
    ASSERT_EQ(decode(R"({"ttl":"2m"})", fields), "");
    EXPECT_EQ(fields.ttl, std::chrono::minutes(2));
    EXPECT_NE(fault_of(R"({"ttl":0})"), "");
    EXPECT_NE(fault_of(R"({"ttl":-1})"), "");
    EXPECT_NE(fault_of(R"({"ttl":"soon"})"), "");
}

TEST(ZeromqFields, WrongFramesAreFaults) {
    for (const std::string_view text : {"x", "[]", "\"a\"", "{", R"({"qos":3})", R"({"retain":1})", R"({"content_type":5})", R"({"ttll":5})",
                                        R"({"headers":"a"})", R"({"headers":{"a":1}})", R"({"headers":[["a"]]})", R"({"headers":{"":"x"}})",
                                        R"({"correlation_base64":"*"})", "{\"content_type\":\"\xff\"}"})
        EXPECT_NE(fault_of(text), "") << text;
}

TEST(ZeromqFields, LimitsHoldBeforeAnythingIsKept) {
    EXPECT_NE(fault_of(R"({"content_type":"0123456789"})", {.bytes = 20}), "");
    EXPECT_NE(fault_of(R"({"headers":{"a":"1","b":"2"}})", {.headers = 1}), "");
    const std::string deep = R"({"headers":)" + std::string(100, '[') + std::string(100, ']') + "}";
    EXPECT_NE(fault_of(deep), "");
}

TEST(ZeromqFields, AnErrorSaysCodeAndReason) {
    EXPECT_EQ(error_frame("denied", "no \"way\""), R"({"code":"denied","reason":"no \"way\""})");
    EXPECT_EQ(error_reason(as_bytes(error_frame("denied", "no way"))), "no way");
    EXPECT_EQ(error_reason(as_bytes("junk")), "");
}

}  // namespace
}  // namespace junctor::zeromq
