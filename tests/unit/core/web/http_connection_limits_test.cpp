#include "core/web/http_connection.hpp"

#include "tests/unit/core/web/http_fixture.hpp"

// How long and how large a request may be, and how many may come.

namespace junctor::web {
namespace {

using namespace std::chrono_literals;

using HttpConnectionLimitsTest = HttpFixture;

// THREATS class 22: a head has ten seconds in all, however its bytes trickle.
TEST_F(HttpConnectionLimitsTest, SlowlorisGetsTenSeconds) {
    echo("GET", "/");
    connect();
    receive(get("/"));
    sent();
    receive("GET / HTTP/1.1\r\n");
    EXPECT_EQ(stream->deadline, limits.http_header_timeout);
    for (int second = 0; second < 9; ++second) {
        clock.advance(1s);
        core.begin_round();
        receive("X: a\r\n");
        EXPECT_EQ(stream->deadline, limits.http_header_timeout) << "no byte moves the deadline";
    }
    pass(10s);
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 408 Request Timeout"));
    EXPECT_TRUE(stream->closed_as);
}

// THREATS class 22: a stranger's whole first request has less time than the driver gives its handshake, and hears why.
TEST_F(HttpConnectionLimitsTest, StrangersFirstRequestHasOneDeadline) {
    echo("POST", "/");
    connect();
    const Duration first = stream->deadline;
    EXPECT_LT(first, limits.handshake_timeout);
    receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n");
    receive(std::string(20'000, 'a'));
    EXPECT_EQ(stream->deadline, first) << "neither head nor body moves it";
    pass(first);
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 408 Request Timeout"));
    EXPECT_TRUE(stream->closed_as);
}

TEST_F(HttpConnectionLimitsTest, WhoeverIsKnownMayWaitLong) {
    std::shared_ptr<HttpExchange> waiting;
    route("GET", "/", [&](std::shared_ptr<HttpExchange> exchange) { waiting = std::move(exchange); });
    connect();
    receive(get("/"));
    EXPECT_FALSE(stream->is_established);
    waiting->identified();
    EXPECT_TRUE(stream->is_established);
}

TEST_F(HttpConnectionLimitsTest, SlowBodyIsGivenUp) {
    echo("POST", "/");
    connect();
    receive(post("/", ""));
    sent();
    receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
    receive(std::string(11'000, 'a'));
    pass(HttpConnection::body_window);
    EXPECT_EQ(sent(), "") << "fast enough so far";
    receive(std::string(100, 'a'));
    pass(HttpConnection::body_window);
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(stream->closed_as);
}

TEST_F(HttpConnectionLimitsTest, IdleConnectionIsClosedWithoutAWord) {
    echo("GET", "/");
    connect();
    receive(get("/"));
    sent();
    pass(HttpConnection::idle_timeout);
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(stream->closed_as, CloseReason::idle_timeout);
}

TEST_F(HttpConnectionLimitsTest, LargeBodyNeedsAdmission) {
    echo("POST", "/closed");
    connect();
    receive("POST /closed HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n");
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 413 "));
    EXPECT_FALSE(stream->closed_as) << "what the client still sends is read over, lest a reset swallow the answer";
    receive(std::string(70'000, 'a'));
    EXPECT_EQ(stream->unconsumed(), 0U);
    pass(2s);
    EXPECT_TRUE(stream->closed_as);
}

TEST_F(HttpConnectionLimitsTest, AdmittedLargeBodyIsReadWhole) {
    std::shared_ptr<HttpExchange> asked;
    std::size_t size = 0;
    route("POST", "/", [&](std::shared_ptr<HttpExchange> exchange) { size = exchange->request().body.size(); },
          [&](std::shared_ptr<HttpExchange> exchange) { asked = std::move(exchange); });
    connect();
    receive("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n");
    EXPECT_EQ(sent(), "");
    std::exchange(asked, nullptr)->admit_body();
    EXPECT_EQ(sent(), "HTTP/1.1 100 Continue\r\n\r\n");
    receive(std::string(70'000, 'a'));
    EXPECT_EQ(size, 70'000U);
}

TEST_F(HttpConnectionLimitsTest, RefusedAdmissionAnswersBeforeTheBody) {
    route("POST", "/", [](std::shared_ptr<HttpExchange>) { FAIL(); },
          [](std::shared_ptr<HttpExchange> exchange) { exchange->respond(HttpResponse::problem(401, "denied", "who are you?")); });
    connect();
    receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n");
    const std::string answer = sent();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 "));
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    EXPECT_FALSE(stream->is_established);
}

TEST_F(HttpConnectionLimitsTest, BodyBeyondThePacketLimitIsRefusedAtOnce) {
    route("POST", "/", [](std::shared_ptr<HttpExchange>) { FAIL(); }, [](std::shared_ptr<HttpExchange>) { FAIL(); });
    connect();
    receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n");
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpConnectionLimitsTest, ARouteMayHaveALimitOfItsOwn) {
    limits.packet = 100'000;
    std::size_t size = 0;
    route("PUT", "/large", [&size](std::shared_ptr<HttpExchange> exchange) { size = exchange->request().body.size(); },
          [](std::shared_ptr<HttpExchange> exchange) { exchange->admit_body(); });
    routes->http.back().most_body = 200'000;
    connect();
    receive("PUT /large HTTP/1.1\r\nHost: a\r\nContent-Length: 150000\r\n\r\n");
    receive(std::string(150'000, 'a'));
    EXPECT_EQ(size, 150'000U);
    connect();
    receive("PUT /large HTTP/1.1\r\nHost: a\r\nContent-Length: 200001\r\n\r\n");
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 413 "));
    routes->http.back().most_body = 90'000;
    connect();
    receive("PUT /large HTTP/1.1\r\nHost: a\r\nContent-Length: 90001\r\n\r\n");
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpConnectionLimitsTest, WhoComesAboveTheLimitHearsWhenToComeBack) {
    for (const char* request : {"GET /e HTTP/1.1\r\nHost: x\r\n\r\n",
                                "GET /w HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"}) {
        echo("GET", "/e");
        connect();
        stream->is_surplus = true;
        receive(request);
        const std::string answer = sent();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
        EXPECT_NE(answer.find("Retry-After: 1\r\n"), std::string::npos) << answer;
        EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
        EXPECT_NE(answer.find("no room for another connection"), std::string::npos) << answer;
        EXPECT_TRUE(stream->closed_as);
        EXPECT_FALSE(stream->is_established);
    }
}

}  // namespace
}  // namespace junctor::web
