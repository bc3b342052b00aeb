#include "connectors/matrix/mapping.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace junctor::matrix {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const TimePoint now{};

EnvelopePtr envelope(const std::string& topic, Bytes payload, std::unique_ptr<Extras> extras = {}, SessionId session = {}) {
    Draft draft;
    draft.topic = *Topic::parse({}, topic);
    draft.payload = payload;
    draft.qos = Qos::at_least_once;
    draft.extras = std::move(extras);
    return Envelope::make(std::move(draft), {{}, session, nullptr, now});
}

TEST(MatrixMapping, AllThatAMessageHasComesBack) {
    auto extras = std::make_unique<Extras>();
    extras->content_type = "text/plain";
    extras->headers = {{"k", "v1"}, {"k", "v2"}};
    extras->reply_to = "answers";
    extras->correlation = {1, 0, 255};
    extras->is_text = true;
    const ByteBuffer payload{0, 1, 0xff};
    const EnvelopePtr sent = envelope("a/\u00e9", payload, std::move(extras), SessionId{0x1f});
    ArrivedMessage got;
    ASSERT_TRUE(from_json(json::parse(*to_json(*sent, now, "me", true)), "me", got));
    EXPECT_EQ(got.topic, "a/\u00e9");
    EXPECT_EQ(got.payload, payload);
    EXPECT_EQ(got.draft.qos, Qos::at_least_once);
    EXPECT_EQ(got.origin, SessionId{0x1f});
    ASSERT_TRUE(got.draft.extras);
    EXPECT_EQ(got.draft.extras->content_type, "text/plain");
    EXPECT_EQ(got.draft.extras->headers, (std::vector<Header>{{"k", "v1"}, {"k", "v2"}}));
    EXPECT_EQ(got.draft.extras->reply_to, "answers");
    EXPECT_EQ(got.draft.extras->correlation, (ByteBuffer{1, 0, 255}));
    EXPECT_EQ(got.draft.extras->hops, "me");
}

TEST(MatrixMapping, AnotherGatewaysSessionIsNobodyHere) {
    const EnvelopePtr sent = envelope("a", as_bytes(std::string_view("x")), {}, SessionId{7});
    ArrivedMessage got;
    ASSERT_TRUE(from_json(json::parse(*to_json(*sent, now, "other", true)), "me", got));
    EXPECT_EQ(got.origin, SessionId{});
}

TEST(MatrixMapping, TheLargestPayloadFitsWhateverItsBytes) {
    for (const std::uint8_t filling : ByteBuffer{0, 1, 'x', '"', 0x80, 0xff}) {
        const ByteBuffer payload(largest_payload, filling);
        EXPECT_LE(to_json(*envelope(std::string(200, 't'), payload), now, "me", true)->size(), most_content) << filling;
        EXPECT_LE(to_single_event(*envelope("t", payload), now, "me")->content.size(), most_content) << filling;
    }
}

TEST(MatrixMapping, PeopleReadTextAndGatewaysTheRest) {
    const auto text = to_single_event(*envelope("t", as_bytes(std::string_view("hello"))), now, "me");
    EXPECT_EQ(text->type, text_event);
    const json content = json::parse(text->content);
    EXPECT_EQ(content["msgtype"], "m.text");
    EXPECT_EQ(content["body"], "hello");
    const auto binary = to_single_event(*envelope("t", ByteBuffer{0xff}), now, "me");
    EXPECT_EQ(binary->type, single_event);
    for (const auto* event : {&text, &binary}) {
        ArrivedMessage got;
        ASSERT_TRUE(got.set_topic({}, "t"));
        ASSERT_TRUE(from_single_event((*event)->type, json::parse((*event)->content), "me", got));
        EXPECT_EQ(got.payload, event == &text ? (ByteBuffer{'h', 'e', 'l', 'l', 'o'}) : ByteBuffer{0xff});
        EXPECT_EQ(got.draft.qos, Qos::at_least_once);
    }
}

TEST(MatrixMapping, ARoomsTopicIsNotForItsMembersToChoose) {
    ArrivedMessage got;
    ASSERT_TRUE(got.set_topic({}, "t"));
    ASSERT_TRUE(from_single_event(text_event, json::parse(R"({"body":"x","junctor":{"topic":"elsewhere","tenant":5}})"), "me", got));
    EXPECT_EQ(got.draft.topic.text(), "t");
    EXPECT_EQ(got.draft.topic.tenant(), TenantId{});
}

TEST(MatrixMapping, WhatIsNotOursIsNotTaken) {
    for (const char* text : {"[]", "1", R"({"topic":1})", R"({"topic":"a/#"})", R"({"hops":"a b","topic":"a"})", R"({"topic":"a","data64":"?"})",
                             R"({"topic":"a","ttlMs":-1})", R"({"topic":"a","ttlMs":1.5})", R"({"topic":"a","kind":"event"})",
                             R"({"topic":"a","headers":[["k"]]})", R"({"topic":"a","tenant":99999999999})", R"({"data":"no topic"})"}) {
        ArrivedMessage got;
        EXPECT_FALSE(from_json(json::parse(text), "me", got)) << text;
    }
    ArrivedMessage got;
    ASSERT_TRUE(got.set_topic({}, "t"));
    EXPECT_FALSE(from_single_event("m.reaction", json::parse(R"({"body":"x"})"), "me", got));
    EXPECT_FALSE(from_single_event(text_event, json::parse(R"({"body":1})"), "me", got));
    EXPECT_FALSE(from_single_event(single_event, json::object(), "me", got));
}

TEST(MatrixMapping, NoNumberIsBeyondCanonicalJson) {
    Draft draft;
    draft.topic = *Topic::parse({}, "t");
    draft.ttl = Duration::max() / 2;
    const EnvelopePtr sent = Envelope::make(std::move(draft), {{}, {}, nullptr, now});
    const json written = json::parse(*to_json(*sent, now, "me", true));
    ASSERT_TRUE(written["ttlMs"].is_number_unsigned());
    EXPECT_LT(written["ttlMs"].get<std::uint64_t>(), std::uint64_t{1} << 53);
}

}  // namespace
}  // namespace junctor::matrix
