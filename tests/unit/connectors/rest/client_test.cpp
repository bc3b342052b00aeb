#include "connectors/rest/client.hpp"

#include <gtest/gtest.h>

#include "connectors/rest/client_mapping.hpp"
#include "connectors/rest/mapping.hpp"
#include "tests/unit/core/web/fake_dial.hpp"

namespace junctor::rest {
namespace {

using namespace std::chrono_literals;

class RestClientTest : public ::testing::Test {
protected:
    RestClient client(std::string url = "http://gateway:8080") {
        ClientOptions options;
        options.url = std::move(url);
        return RestClient(options, dial.dial());
    }

    static ClientMessage message() {
        ClientMessage made;
        made.topic = "a/b c";
        append(made.payload, std::string_view("hello"));
        made.qos = Qos::at_least_once;
        made.retain = true;
        made.ttl = 90s;
        made.extras.content_type = "text/plain";
        made.extras.headers = {{"Key", "a=b"}};
        return made;
    }

    web::FakeDial dial;
};

TEST_F(RestClientTest, PublishesEverything) {
    auto& wire = dial.add({"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"});
    client().publish(message());
    EXPECT_TRUE(wire.sent.starts_with("POST /v1/topics/a/b%20c HTTP/1.1\r\n")) << wire.sent;
    for (const char* field : {"Content-Type: text/plain", "Junctor-Header: Key=a=b", "Junctor-Qos: 1", "Junctor-Retain: 1", "Junctor-Ttl: 90000ms"})
        EXPECT_NE(wire.sent.find(std::string("\r\n") + field + "\r\n"), std::string::npos) << field;
    EXPECT_TRUE(wire.sent.ends_with("\r\n\r\nhello"));
}

TEST_F(RestClientTest, ServerUnderstandsWhatTheClientSends) {
    const HttpRequest request = request_of(message());
    MessageOptions options;
    ASSERT_FALSE(read_message_options(request, {}, options));
    EXPECT_EQ(options.qos, Qos::at_least_once);
    EXPECT_TRUE(options.retain);
    EXPECT_EQ(options.ttl, Duration(90s));
    EXPECT_EQ(options.extras->headers, message().extras.headers);
}

TEST_F(RestClientTest, ProblemsBecomeSentences) {
    dial.add({"HTTP/1.1 403 Forbidden\r\nContent-Length: 36\r\n\r\n{\"code\":\"denied\",\"detail\":\"rule 7\"}\r\n"});
    try {
        client().publish(message());
        FAIL();
    } catch (const ClientError& error) {
        EXPECT_STREQ(error.what(), "rule 7");
        EXPECT_EQ(error.code, "denied");
    }
    dial.add({"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nhtml"});
    EXPECT_THROW(client().publish(message()), ClientError);
}

TEST_F(RestClientTest, SubscribesByEvents) {
    auto& wire = dial.add({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n",
                           "8\r\n: ping\n\n\r\n", "3d\r\ndata: {\"op\":\"message\",\"qos\":1,\"topic\":\"a/b\",\"data\":\"hello\"}\n\n\r\n"});
    RestClient subscriber = client();
    subscriber.subscribe("a/+/#", Qos::at_least_once);
    EXPECT_TRUE(wire.sent.starts_with("GET /v1/topics/a/+/%23?qos=1 HTTP/1.1\r\n")) << wire.sent;
    const auto received = subscriber.receive(5s);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->topic, "a/b");
    EXPECT_EQ(as_text(received->payload), "hello");
    EXPECT_EQ(received->qos, Qos::at_least_once);
    EXPECT_FALSE(subscriber.receive(0s));
    subscriber.unsubscribe("a/+/#");
    EXPECT_THROW(subscriber.unsubscribe("a/+/#"), ClientError);
}

TEST_F(RestClientTest, RefusedSubscriptionSaysWhy) {
    dial.add({"HTTP/1.1 403 Forbidden\r\nContent-Length: 34\r\n\r\n{\"code\":\"denied\",\"detail\":\"rule 7\"}"});
    RestClient subscriber = client();
    EXPECT_THROW(subscriber.subscribe("a", Qos::at_most_once), ClientError);
}

TEST_F(RestClientTest, EndOfTheStreamIsAnError) {
    dial.add({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n25\r\nevent: closed\ndata: server_shutdown\n\n\r\n0\r\n\r\n"});
    RestClient subscriber = client();
    subscriber.subscribe("a", Qos::at_most_once);
    EXPECT_THROW(subscriber.receive(1s), ClientError);
}

TEST_F(RestClientTest, RequestBringsTheReplyWithItsHeaders) {
    auto& wire = dial.add({"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\nJunctor-Header: K=v%2C\r\n\r\nnow"});
    const ClientMessage reply = client("http://gateway:8080/api/").request(message(), 1500ms);
    EXPECT_TRUE(wire.sent.starts_with("POST /api/requests/a/b%20c HTTP/1.1\r\n"));
    EXPECT_NE(wire.sent.find("Junctor-Timeout: 1500ms\r\n"), std::string::npos);
    EXPECT_EQ(as_text(reply.payload), "now");
    EXPECT_EQ(reply.extras.content_type, "text/plain");
    EXPECT_EQ(reply.extras.headers, (std::vector<Header>{{"K", "v,"}}));
}

TEST_F(RestClientTest, ReplyGoesToTheReplyAddress) {
    auto& wire = dial.add({"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"});
    ClientMessage request;
    request.extras.reply_to = "$inbox/0/1";
    request.extras.correlation = {'c', 0};
    client().reply(request, message());
    EXPECT_TRUE(wire.sent.starts_with("POST /v1/topics/$inbox/0/1 HTTP/1.1\r\n"));
    EXPECT_NE(wire.sent.find("Junctor-Correlation: c%00\r\n"), std::string::npos);
}

}  // namespace
}  // namespace junctor::rest
