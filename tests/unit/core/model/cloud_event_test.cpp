#include "core/model/cloud_event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace junctor {
namespace {

using testing::HasSubstr;

constexpr const char* needed = R"("specversion":"1.0","id":"7","source":"/s","type":"t")";

std::string with(const std::string& more) { return "{" + std::string(needed) + more + "}"; }

std::string refusal(const std::string& text) {
    CloudEvent event;
    return read_cloud_event(text, {}, 16, event);
}

CloudEvent read(const std::string& more) {
    CloudEvent event;
    EXPECT_EQ(read_cloud_event(with(more), {}, 16, event), "");
    return event;
}

EnvelopePtr envelope(std::string_view payload, Extras extras = {}) {
    Draft draft;
    draft.topic = Topic::parse({}, "a/b").value();
    draft.payload = as_bytes(payload);
    if (!extras.empty()) draft.extras = std::make_unique<Extras>(std::move(extras));
    return Envelope::make(std::move(draft), {{1, {2}, 3}, {}, nullptr, TimePoint{}});
}

nlohmann::json written(const EnvelopePtr& message) {
    ByteBuffer text;
    append_cloud_event(text, *message, TimePoint(std::chrono::seconds(5)), WallTime(std::chrono::seconds(1'700'000'005)));
    return nlohmann::json::parse(as_text(text));
}

TEST(CloudEvent, AttributesAreTheHeadersOfTheBinaryMode) {
    const CloudEvent event = read(R"(,"subject":"x\n","n":5,"b":true,"none":null,"replyto":"r","correlationid":"c","traceparent":"00-1")");
    const std::vector<Header> headers{{"ce-specversion", "1.0"}, {"ce-id", "7"}, {"ce-source", "/s"}, {"ce-type", "t"},
                                      {"ce-subject", "x\n"},     {"ce-n", "5"},  {"ce-b", "true"}};
    EXPECT_EQ(event.extras.headers, headers);
    EXPECT_EQ(event.extras.reply_to, "r");
    EXPECT_EQ(as_text(event.extras.correlation), "c");
    EXPECT_EQ(event.extras.trace, "00-1");
    EXPECT_TRUE(event.data.empty());
}

TEST(CloudEvent, DataIsWhatItsTypeSays) {
    EXPECT_EQ(as_text(read(R"(,"data":"h\u0069","datacontenttype":"text/plain")").data), "hi");
    EXPECT_EQ(as_text(read(R"(,"data":{"a":[1, 2]})").data), R"({"a":[1, 2]})");
    EXPECT_EQ(read(R"(,"data":1)").extras.content_type, "application/json");
    EXPECT_EQ(as_text(read(R"(,"data":"hi","datacontenttype":"application/x+json; charset=utf-8")").data), R"("hi")");
    EXPECT_EQ(as_text(read(R"(,"data_base64":"AP8=")").data), std::string_view("\0\xff", 2));
}

TEST(CloudEvent, WhatIsNoEventIsRefusedWithTheReason) {
    EXPECT_THAT(refusal("{"), HasSubstr("not JSON"));
    EXPECT_THAT(refusal("[]"), HasSubstr("JSON object"));
    EXPECT_THAT(refusal(R"({"specversion":"1.0","id":"7","source":"/s"})"), HasSubstr("'type'"));
    EXPECT_THAT(refusal(R"({"specversion":"0.3","id":"7","source":"/s","type":"t"})"), HasSubstr("1.0"));
    EXPECT_THAT(refusal(with(R"(,"data":1,"data_base64":"AA==")")), HasSubstr("either"));
    EXPECT_THAT(refusal(with(R"(,"data_base64":"?")")), HasSubstr("base64"));
    EXPECT_THAT(refusal(with(R"(,"Upper":1)")), HasSubstr("attribute name"));
    EXPECT_THAT(refusal(with(R"(,"o":{})")), HasSubstr("an attribute is"));
    std::string many;
    for (int i = 0; i < 20; ++i) many += ",\"a" + std::to_string(i) + "\":1";
    EXPECT_THAT(refusal(with(many)), HasSubstr("limit"));
}

std::string batch_refusal(const std::string& text) {
    std::vector<CloudEvent> events;
    return read_cloud_event_batch(text, {}, 16, 2, events);
}

TEST(CloudEvent, ABatchIsAnArrayOfEvents) {
    std::vector<CloudEvent> events;
    EXPECT_EQ(read_cloud_event_batch("[" + with(R"(,"data":1)") + "," + with(R"(,"data":2)") + "]", {}, 16, 2, events), "");
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(as_text(events[1].data), "2");
    EXPECT_EQ(batch_refusal("[]"), "");
    EXPECT_THAT(batch_refusal(with("")), HasSubstr("JSON array"));
    EXPECT_THAT(batch_refusal("[" + with("") + ",{}]"), HasSubstr("event 2: a CloudEvent needs"));
    EXPECT_THAT(batch_refusal("[" + with("") + "," + with("") + "," + with("") + "]"), HasSubstr("more than 2"));
}

TEST(CloudEvent, AMessageWithoutAttributesGetsThemMadeUp) {
    const nlohmann::json event = written(envelope("hello"));
    EXPECT_EQ(event, nlohmann::json::parse(R"({"specversion":"1.0","id":"1-2-3","source":"/junctor","type":"junctor.message","subject":"a/b",
        "time":"2023-11-14T22:13:20Z","datacontenttype":"text/plain","data":"hello"})"));
    EXPECT_EQ(written(envelope("\xff"))["data_base64"], "/w==");
}

TEST(CloudEvent, AnEventKeepsWhatItsPublisherSaid) {
    CloudEvent event = read(R"(,"subject":"mine","data":{"a":1},"replyto":"r/s")");
    const nlohmann::json again = written(envelope(as_text(event.data), std::move(event.extras)));
    EXPECT_EQ(again["id"], "7");
    EXPECT_EQ(again["subject"], "mine");
    EXPECT_EQ(again["data"], nlohmann::json::parse(R"({"a":1})"));
    EXPECT_EQ(again["replyto"], "r/s");
    EXPECT_EQ(again["datacontenttype"], "application/json");
}

}  // namespace
}  // namespace junctor
