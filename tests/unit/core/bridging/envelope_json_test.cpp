#include "core/bridging/envelope_json.hpp"

#include <gtest/gtest.h>

#include "core/base/json_reader.hpp"
#include "core/model/hop_path.hpp"
#include "tests/support/rich_message.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

class EnvelopeJson : public ::testing::Test, protected test::MessageMaker {
protected:
    bool crosses(const Envelope& sent, ArrivedMessage& out, std::string_view reader = "other", EnvelopeParts parts = {}) {
        ByteBuffer object;
        if (!append_envelope_json(object, sent, now, "me", parts)) return false;
        EXPECT_EQ(read_json(as_text(object), {}).error, JsonErrc::ok) << as_text(object);
        if (!read_envelope_json(as_text(object), out)) return false;
        out.finish(reader);
        return true;
    }
};

TEST_F(EnvelopeJson, AllThatAMessageHasCrosses) {
    ArrivedMessage got;
    ASSERT_TRUE(crosses(*envelope("payload", test::rich_extras(), 90s, SessionId{0xabc}, TenantId{7}), got));
    EXPECT_EQ(got.draft.topic.text(), "a/b");
    EXPECT_EQ(got.draft.topic.tenant(), TenantId{7});
    EXPECT_EQ(as_text(got.draft.payload), "payload");
    EXPECT_EQ(got.draft.ttl, Duration(90s));
    EXPECT_EQ(got.draft.kind, Kind::request);
    EXPECT_EQ(got.draft.qos, Qos::at_least_once);
    ASSERT_TRUE(got.draft.extras);
    const Extras& extras = *got.draft.extras;
    EXPECT_EQ(extras.content_type, "text/plain");
    EXPECT_EQ(extras.headers, test::rich_extras()->headers);
    EXPECT_EQ(extras.reply_to, "answers");
    EXPECT_EQ(extras.correlation, (ByteBuffer{0, 255}));
    EXPECT_EQ(extras.trace, "00-1-2-3");
    EXPECT_TRUE(extras.is_text);
    EXPECT_EQ(extras.hops, "far,me");
    EXPECT_FALSE(got.origin);
}

TEST_F(EnvelopeJson, AMessageThatLastsForCenturiesCrosses) {
    constexpr Duration centuries = std::chrono::hours(24) * 365 * 200;
    ArrivedMessage got;
    ASSERT_TRUE(crosses(*envelope("x", {}, centuries), got)) << "what is written can be read";
    EXPECT_GT(got.draft.ttl, Duration(std::chrono::hours(24) * 365 * 100));
}

TEST_F(EnvelopeJson, AnyPayloadCrosses) {
    for (const std::string& payload : {std::string(), std::string("text \"quoted\""), std::string("\xff\x00\xfe", 3), std::string(1'000, 'x')}) {
        ArrivedMessage got;
        ASSERT_TRUE(crosses(*envelope(payload), got));
        EXPECT_EQ(as_text(got.draft.payload), payload);
    }
}

TEST_F(EnvelopeJson, WhatThePlaceSaysIsNotWritten) {
    ByteBuffer object;
    ASSERT_TRUE(append_envelope_json(object, *envelope("x"), now, "me", {.topic = false, .qos = false}));
    EXPECT_EQ(as_text(object), R"({"hops":"me","kind":"request","data":"x"})");
    ArrivedMessage got;
    ASSERT_TRUE(got.set_topic({}, "of/its/place"));
    ASSERT_TRUE(read_envelope_json(R"({"topic":"another","qos":0})", got));
    EXPECT_EQ(got.topic, "of/its/place");
}

TEST_F(EnvelopeJson, OnlyItsOwnGatewayLearnsWhoPublished) {
    ArrivedMessage mine, others;
    ASSERT_TRUE(crosses(*envelope("x", {}, {}, SessionId{0xabc}), mine, "me"));
    EXPECT_EQ(mine.origin, SessionId{0xabc});
    ASSERT_TRUE(crosses(*envelope("x", {}, {}, SessionId{0xabc}), others, "other"));
    EXPECT_FALSE(others.origin);
}

TEST_F(EnvelopeJson, TextThatIsNoUtf8StaysBehind) {
    auto extras = std::make_unique<Extras>();
    extras->content_type = "\xff";
    extras->headers = {{"k", "\xff"}, {"l", "1"}};
    ArrivedMessage got;
    ASSERT_TRUE(crosses(*envelope("x", std::move(extras)), got));
    EXPECT_EQ(got.draft.extras->content_type, "");
    EXPECT_EQ(got.draft.extras->headers, (std::vector<Header>{{"l", "1"}}));
}

TEST_F(EnvelopeJson, WhatHasCrossedTooManyGoesNoFurther) {
    auto extras = std::make_unique<Extras>();
    extras->hops = std::string(max_hop_path, 'h');
    ArrivedMessage got;
    EXPECT_FALSE(crosses(*envelope("x", std::move(extras)), got));
}

TEST_F(EnvelopeJson, WhatIsNoneIsNotTaken) {
    for (const char* body : {"", "5", "\"x\"", "{}", R"({"topic":""})", R"({"topic":"a/#"})", R"({"topic":5})", R"({"topic":"a","data64":"?"})",
                             R"({"topic":"a","kind":"event"})", R"({"topic":"a","kind":"nothing"})", R"({"topic":"a","headers":[["k"]]})",
                             R"({"topic":"a","headers":{"k":"v"}})", R"({"topic":"a","hops":"a b"})", R"({"topic":"a","ttlMs":-1})", R"({"topic":"a","ttlMs":1e300})"}) {
        ArrivedMessage out;
        EXPECT_FALSE(read_envelope_json(body, out)) << body;
    }
}

}  // namespace
}  // namespace junctor
