#include "connectors/vertx/backend_mapping.hpp"

#include <gtest/gtest.h>

#include "connectors/vertx/body.hpp"
#include "core/model/hop_path.hpp"
#include "tests/support/rich_message.hpp"

namespace junctor::vertx {
namespace {

using namespace std::chrono_literals;

class VertxMapping : public ::testing::Test, protected test::MessageMaker {
protected:
    bool mapped(const Envelope& sent, const std::string& sender, const std::string& reader, ArrivedMessage& out) {
        const std::optional<OnBus> on = to_bus(sent, now, sender);
        return on && out.set_topic({}, "a/b") && from_bus(on->frame, reader, out);
    }
    static std::string through_body(std::string_view payload, std::string_view type, BodyForm expected) {
        ByteBuffer body, back;
        const BodyForm form = append_body(body, as_bytes(payload), type);
        EXPECT_EQ(form, expected) << payload;
        EXPECT_TRUE(read_body(back, as_text(body), type, form == BodyForm::base64)) << payload;
        return std::string(as_text(back));
    }
};

TEST_F(VertxMapping, OnlyItsOwnGatewayLearnsWhoPublished) {
    ArrivedMessage mine, others;
    ASSERT_TRUE(mapped(*envelope("x", {}, {}, SessionId{0xabc}), "me", "me", mine));
    EXPECT_EQ(mine.origin, SessionId{0xabc});
    ASSERT_TRUE(mapped(*envelope("x", {}, {}, SessionId{0xabc}), "me", "other", others));
    EXPECT_FALSE(others.origin);
}

TEST_F(VertxMapping, WhatHasCrossedTooManyGoesNoFurther) {
    auto extras = std::make_unique<Extras>();
    extras->hops = std::string(max_hop_path, 'h');
    const EnvelopePtr far = envelope("x", std::move(extras));
    EXPECT_FALSE(to_bus(*far, now, "me"));
}

TEST_F(VertxMapping, AMappedMessageCarriesWhatHeadersCanSay) {
    ArrivedMessage got;
    ASSERT_TRUE(mapped(*envelope("payload", test::rich_extras(), 90s), "me", "other", got));
    ASSERT_TRUE(got.draft.extras);
    const Extras& extras = *got.draft.extras;
    EXPECT_EQ(extras.content_type, "text/plain");
    EXPECT_EQ(extras.headers, (std::vector<Header>{{"k", "1"}, {"timeout", "5"}}));
    EXPECT_EQ(extras.reply_to, "answers");
    EXPECT_EQ(extras.trace, "00-1-2-3");
    EXPECT_EQ(extras.hops, "far,me");
    EXPECT_EQ(got.draft.ttl, Duration(90s));
    EXPECT_EQ(as_text(got.draft.payload), "payload");
}

/// THREATS 26: no client of ours chooses how the bridge delivers.
TEST_F(VertxMapping, NoHeaderOfAClientIsADeliveryOption) {
    const std::optional<OnBus> on = to_bus(*envelope("x", test::rich_extras()), now, "me");
    ASSERT_TRUE(on);
    for (const HeaderView& each : on->frame.headers) EXPECT_NE(each.name, "timeout");
}

TEST_F(VertxMapping, PayloadsStandAsTheBodyThatApplicationsExpect) {
    EXPECT_EQ(through_body(R"({"a": 1})", "", BodyForm::json), R"({"a": 1})");
    EXPECT_EQ(through_body("[1]", "", BodyForm::json), "[1]");
    EXPECT_EQ(through_body("5", "", BodyForm::text), "5");
    EXPECT_EQ(through_body("5", "application/json", BodyForm::json), "5");
    EXPECT_EQ(through_body("\"x\"", "application/json", BodyForm::json), "\"x\"");
    EXPECT_EQ(through_body("{broken", "application/json", BodyForm::base64), "{broken");
    EXPECT_EQ(through_body("{broken", "", BodyForm::text), "{broken");
    EXPECT_EQ(through_body("", "", BodyForm::text), "");
    EXPECT_EQ(through_body("line\n\"", "", BodyForm::text), "line\n\"");
    EXPECT_EQ(through_body("\xff\xfe", "", BodyForm::base64), "\xff\xfe");
}

TEST_F(VertxMapping, WhatIsJsonSaysSo) {
    Frame frame;
    frame.body = R"({"a":1})";
    ArrivedMessage got;
    ASSERT_TRUE(got.set_topic({}, "t") && from_bus(frame, "me", got));
    EXPECT_EQ(as_text(got.draft.payload), R"({"a":1})");
    EXPECT_EQ(got.draft.extras->content_type, "application/json");
}

TEST_F(VertxMapping, AnyReplyAddressIsATopicAndBack) {
    for (const char* address : {"__vertx.reply.1", "a/b", "+#", "6f5c-%2f", "\xc3\xa4"}) {
        const std::string topic = reply_topic(address);
        EXPECT_TRUE(Topic::parse({}, topic)) << address;
        EXPECT_EQ(reply_address_of(topic), address);
    }
    EXPECT_EQ(reply_address_of("$inbox/me/0/1"), std::nullopt);
}

}  // namespace
}  // namespace junctor::vertx
