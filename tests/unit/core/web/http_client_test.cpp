#include "core/web/http_client.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/web/fake_dial.hpp"

namespace junctor::web {
namespace {

using namespace std::chrono_literals;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

class HttpClientTest : public ::testing::Test {
protected:
    HttpClient client() {
        const Url url = Url::parse("http://gateway:8080");
        return HttpClient(url, stream_options(url, {}), {{"X-Always", "1"}}, dial.dial());
    }

    static HttpRequest post() {
        HttpRequest request;
        request.method = "POST";
        request.path = "/a";
        request.query = "b=c";
        append(request.body, std::string_view("body"));
        return request;
    }

    static std::string text(const HttpResponse& response) { return std::string(as_text(response.body)); }

    FakeDial dial;
};

TEST_F(HttpClientTest, SendsAWholeRequest) {
    auto& wire = dial.add({ok});
    EXPECT_EQ(text(client().exchange(post(), 1s)), "hello");
    EXPECT_EQ(wire.sent, "POST /a?b=c HTTP/1.1\r\nHost: gateway:8080\r\nX-Always: 1\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_F(HttpClientTest, ReadsAnswersInAnyPieces) {
    std::deque<std::string> pieces;
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    for (const char c : chunked) pieces.emplace_back(1, c);
    dial.add(pieces);
    EXPECT_EQ(text(client().exchange(post(), 1s)), "hello");
    dial.add({"HTTP/1.1 100 Continue\r\n\r\n" + ok});
    EXPECT_EQ(text(client().exchange(post(), 1s)), "hello");
    dial.add({"HTTP/1.1 200 OK\r\n\r\nuntil ", "the end"}, true);
    EXPECT_EQ(text(client().exchange(post(), 1s)), "until the end");
    dial.add({"HTTP/1.1 204 No Content\r\n\r\n"});
    EXPECT_EQ(client().exchange(post(), 1s).status, 204U);
}

TEST_F(HttpClientTest, KeepsItsConnection) {
    dial.add({ok, ok});
    HttpClient kept = client();
    kept.exchange(post(), 1s);
    kept.exchange(post(), 1s);
    EXPECT_EQ(dial.connections(), 1U);
}

TEST_F(HttpClientTest, ComesBackWhenTheServerHasClosed) {
    dial.add({ok}, true);
    dial.add({"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"});
    dial.add({ok});
    HttpClient returning = client();
    for (int count = 0; count < 3; ++count) returning.exchange(post(), 1s);
    EXPECT_EQ(dial.connections(), 3U);
}

TEST_F(HttpClientTest, FailsInASentence) {
    EXPECT_THROW(client().exchange(post(), 1s), ClientError) << "nobody listens";
    dial.add({"SSH-2.0-OpenSSH\r\n\r\n"});
    EXPECT_THROW(client().exchange(post(), 1s), ClientError);
    dial.add({"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"}, true);
    EXPECT_THROW(client().exchange(post(), 1s), ClientError);
    dial.add({});
    EXPECT_THROW(client().exchange(post(), 0s), ClientError) << "silence";
}

TEST_F(HttpClientTest, StreamsABodyAsItComes) {
    dial.add({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\none\r\n", "3\r\ntwo\r\n", "0\r\n\r\n"});
    HttpClient streaming = client();
    EXPECT_EQ(streaming.begin(post(), 1s).status, 200U);
    EXPECT_EQ(as_text(*streaming.read(1s)), "one");
    EXPECT_EQ(as_text(*streaming.read(1s)), "two");
    EXPECT_FALSE(streaming.read(1s));
}

}  // namespace
}  // namespace junctor::web
