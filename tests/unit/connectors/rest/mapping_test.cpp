#include "connectors/rest/mapping.hpp"

#include <gtest/gtest.h>

namespace junctor::rest {
namespace {

using namespace std::chrono_literals;

HttpRequest request(std::string query = "", std::vector<Header> headers = {}, std::string path = "/v1/topics/a") {
    HttpRequest made;
    made.method = "POST";
    made.path = std::move(path);
    made.query = std::move(query);
    made.headers = std::move(headers);
    return made;
}

EnvelopePtr envelope(Extras extras, std::string_view payload = "payload", std::optional<Duration> ttl = {}) {
    Draft draft;
    draft.topic = Topic::parse({}, "a/b").value();
    draft.payload = as_bytes(payload);
    draft.qos = Qos::at_least_once;
    draft.ttl = ttl;
    draft.extras = std::make_unique<Extras>(std::move(extras));
    return Envelope::make(std::move(draft), {{}, {}, nullptr, TimePoint(1h)});
}

TEST(RestMapping, EveryErrcHasItsStatus) {
    const std::vector<std::pair<Errc, unsigned>> table = {
        {Errc::ok, 202},           {Errc::bad_topic, 400},   {Errc::bad_filter, 400},     {Errc::bad_request, 400}, {Errc::denied, 403},
        {Errc::no_receivers, 404}, {Errc::expired, 410},     {Errc::timed_out, 504},      {Errc::too_large, 413},   {Errc::quota_exceeded, 429},
        {Errc::overloaded, 503},   {Errc::unavailable, 503}, {Errc::unsupported, 501},    {Errc::name_kept, 409},
        {Errc::shutting_down, 503},
    };
    ASSERT_EQ(table.size(), static_cast<std::size_t>(Errc::shutting_down) + 1);
    for (const auto& [code, status] : table) EXPECT_EQ(status_of(code), status) << to_string(code);
}

TEST(RestMapping, EveryCloseReasonHasItsStatus) {
    const std::vector<std::pair<CloseReason, unsigned>> table = {
        {CloseReason::normal, 200},           {CloseReason::connection_lost, 499}, {CloseReason::malformed, 400},
        {CloseReason::protocol_error, 400},   {CloseReason::too_large, 413},       {CloseReason::handshake_timeout, 408},
        {CloseReason::idle_timeout, 408},     {CloseReason::not_authenticated, 401}, {CloseReason::not_authorized, 403},
        {CloseReason::taken_over, 409},       {CloseReason::slow_consumer, 503},   {CloseReason::quota_exceeded, 429},
        {CloseReason::overloaded, 503},       {CloseReason::server_shutdown, 503}, {CloseReason::administrative, 403},
        {CloseReason::name_kept, 409},        {CloseReason::internal_error, 500},
    };
    ASSERT_EQ(table.size(), close_reason_count);
    for (const auto& [reason, status] : table) EXPECT_EQ(status_of(reason), status) << to_string(reason);
}

TEST(RestMapping, ProblemNamesTheCodeAndWhenToTryAgain) {
    const HttpResponse overloaded = problem(Errc::overloaded);
    EXPECT_EQ(overloaded.status, 503U);
    EXPECT_NE(as_text(overloaded.body).find(R"("code":"overloaded")"), std::string_view::npos);
    EXPECT_EQ(overloaded.headers.back(), (Header{"Retry-After", "1"}));
    EXPECT_NE(as_text(problem(Errc::denied, "rule 7 says no").body).find("rule 7 says no"), std::string_view::npos);
    EXPECT_EQ(as_text(problem(Errc::denied, "\xff").body).find('\xff'), std::string_view::npos);
}

TEST(RestMapping, TopicIsTheRestOfThePathDecoded) {
    EXPECT_EQ(topic_of(request("", {}, "/v1/topics/a%2Fb/c%20d"), "/v1/topics/"), "a/b/c d");
    EXPECT_EQ(topic_of(request("", {}, "/v1/topics/a/+/%23"), "/v1/topics/"), "a/+/#");
    EXPECT_EQ(topic_of(request("", {}, "/v1/topics/"), "/v1/topics/"), "");
    EXPECT_FALSE(topic_of(request("", {}, "/v1/topics/%2"), "/v1/topics/"));
    EXPECT_FALSE(topic_of(request("", {}, "/v1/topics/%ff"), "/v1/topics/"));
}

TEST(RestMapping, OptionsComeFromQueryOrHeaders) {
    MessageOptions query;
    ASSERT_FALSE(read_message_options(request("qos=1&retain&ttl=90s&timeout=5s&reply_to=r/1&correlation=%00x"), {}, query));
    EXPECT_EQ(query.qos, Qos::at_least_once);
    EXPECT_TRUE(query.retain);
    EXPECT_EQ(query.ttl, 90s);
    EXPECT_EQ(query.timeout, 5s);
    EXPECT_EQ(query.extras->reply_to, "r/1");
    EXPECT_EQ(query.extras->correlation, (ByteBuffer{0, 'x'}));

    MessageOptions headers;
    ASSERT_FALSE(read_message_options(request("qos=2", {{"junctor-qos", "1"}, {"Junctor-Retain", "false"}, {"JUNCTOR-REPLY-TO", "r/%31"}}), {}, headers));
    EXPECT_EQ(headers.qos, Qos::exactly_once) << "a parameter wins";
    EXPECT_FALSE(headers.retain);
    EXPECT_EQ(headers.extras->reply_to, "r/1");
}

TEST(RestMapping, MistakesInOptionsAreRefused) {
    for (const char* query : {"qos=3", "qos=", "qos=10", "retain=maybe", "ttl=soon", "retian=1", "reply_to=a/%23", "retain=1&send=1", "wait=3s"}) {
        MessageOptions options;
        const auto rejection = read_message_options(request(query), {}, options);
        ASSERT_TRUE(rejection) << query;
        EXPECT_EQ(rejection->code, Errc::bad_request);
    }
    for (const Header& header : {Header{"Junctor-Retian", "1"}, Header{"Junctor-Header", "novalue"}, Header{"Junctor-Header", "=v"},
                                 Header{"Junctor-Header", "a=%zz"}, Header{"ce-id", "%"}, Header{"Junctor-Qos", "%"}}) {
        MessageOptions options;
        EXPECT_TRUE(read_message_options(request("", {header}), {}, options)) << header.name << ": " << header.value;
    }
}

TEST(RestMapping, ContentTypeIsTheOneThatSomebodyChose) {
    MessageOptions curl_default;
    read_message_options(request("", {{"Content-Type", "application/x-www-form-urlencoded"}}), {}, curl_default);
    EXPECT_FALSE(curl_default.extras);
    MessageOptions chosen;
    read_message_options(request("", {{"Content-Type", "text/html"}}), {}, chosen);
    EXPECT_EQ(chosen.extras->content_type, "text/html");
    MessageOptions insisted;
    read_message_options(request("content_type=application/x-www-form-urlencoded", {{"Content-Type", "text/html"}}), {}, insisted);
    EXPECT_EQ(insisted.extras->content_type, "application/x-www-form-urlencoded");
}

TEST(RestMapping, WaitIsCapped) {
    Limits limits;
    limits.max_wait = 60s;
    ReadOptions options;
    ASSERT_FALSE(read_get_options(request("wait=1h"), limits, options));
    EXPECT_EQ(options.wait, 60s);
    ReadOptions events;
    ASSERT_FALSE(read_get_options(request("", {{"Accept", "text/event-stream, */*;q=0.1"}}), limits, events));
    EXPECT_TRUE(events.events);
    EXPECT_TRUE(read_get_options(request("wait=1s", {{"Accept", "text/event-stream"}}), limits, events));
}

TEST(RestMapping, BareAnswerCarriesEverything) {
    Extras extras;
    extras.content_type = "text/html";
    extras.reply_to = "r/\xc3\xa4";
    extras.correlation = {0, 1};
    const HttpResponse answer = bare_answer(*envelope(std::move(extras), "<b>", 90s), true, TimePoint(1h + 30s));
    HttpRequest seen;
    seen.headers = answer.headers;
    EXPECT_EQ(as_text(answer.body), "<b>");
    EXPECT_EQ(seen.header("Content-Type"), "text/html");
    EXPECT_EQ(seen.header("Junctor-Reply-To"), "r/%C3%A4");
    EXPECT_EQ(seen.header("Junctor-Correlation"), "%00%01");
    EXPECT_EQ(seen.header("Junctor-Qos"), "1");
    EXPECT_EQ(seen.header("Junctor-Retain"), "1");
    EXPECT_EQ(seen.header("Junctor-Ttl"), "60s");
    EXPECT_EQ(seen.header("Content-Security-Policy"), "sandbox") << "a payload must not run as a page of the gateway";
}

}  // namespace
}  // namespace junctor::rest
