#include "core/web/http_connection.hpp"

#include "tests/unit/core/web/http_fixture.hpp"

namespace junctor::web {
namespace {

using namespace std::chrono_literals;

using HttpConnectionTest = HttpFixture;

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

TEST_F(HttpConnectionTest, AnswersAndStays) {
    echo("GET", "/echo/");
    connect();
    receive(get("/echo/a"));
    EXPECT_EQ(sent(),
              "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n"
              "GET /echo/a ");
    EXPECT_TRUE(stream->is_established);
    EXPECT_FALSE(stream->closed_as);
    EXPECT_EQ(stream->deadline, HttpConnection::idle_timeout);
}

TEST_F(HttpConnectionTest, RequestsMayArriveByteByByte) {
    echo("", "/");
    connect();
    for (const char c : post("/a", "hello")) receive(std::string_view(&c, 1));
    EXPECT_TRUE(sent().ends_with("POST /a hello"));
}

TEST_F(HttpConnectionTest, ServesPipelinedRequestsInOrder) {
    echo("", "/");
    connect();
    receive(post("/1", "a") + get("/2") + post("/3", "b"));
    const std::string answers = sent();
    EXPECT_LT(answers.find("POST /1 a"), answers.find("GET /2"));
    EXPECT_LT(answers.find("GET /2"), answers.find("POST /3 b"));
    EXPECT_EQ(stream->unconsumed(), 0U);
}

TEST_F(HttpConnectionTest, PipelinedRequestsWaitForALateAnswer) {
    std::shared_ptr<HttpExchange> waiting;
    route("GET", "/late", [&](std::shared_ptr<HttpExchange> exchange) { waiting = std::move(exchange); });
    echo("GET", "/");
    connect();
    receive(get("/late") + get("/next"));
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(stream->unconsumed(), get("/next").size());
    std::exchange(waiting, nullptr)->respond(HttpResponse(200, "text/plain", "late"));
    EXPECT_TRUE(sent().ends_with("late"));
    EXPECT_EQ(stream->pauses, 0);
    receive("");  // what a stream does after the last resume
    EXPECT_TRUE(sent().ends_with("GET /next "));
}

TEST_F(HttpConnectionTest, ARequestIsServedWhereItsMatterLives) {
    echo("GET", "/");
    echo("POST", "/home/");
    routes->http.back().home = [](const HttpRequest& request, const Core&) { return CoreId{request.path == "/home/here" ? std::uint16_t{0} : std::uint16_t{1}}; };
    connect();
    receive(get("/1") + post("/home/here", "a") + post("/home/there", "b"));
    EXPECT_TRUE(sent().ends_with("POST /home/here a"));
    EXPECT_EQ(stream->moved_to, CoreId{1});
    EXPECT_EQ(stream->unconsumed(), post("/home/there", "b").size()) << "comes again there";
    test::FakeClock clock_there;
    Core there{{CoreId{1}, 2, clock_there, random, timers, sessions, mailbox, journal, metrics, limits}};
    stream->arrive(there);
    receive("");
    EXPECT_TRUE(sent().ends_with("POST /home/there b"));
}

TEST_F(HttpConnectionTest, AClientThatEndsItsDirectionGetsItsAnswers) {
    std::shared_ptr<HttpExchange> waiting;
    route("GET", "/late", [&](std::shared_ptr<HttpExchange> exchange) { waiting = std::move(exchange); });
    echo("", "/");
    connect();
    receive(get("/late") + post("/2", "x") + get("/next"));
    EXPECT_TRUE(stream->handler().input_ended());
    std::exchange(waiting, nullptr)->respond(HttpResponse(200, "text/plain", "late"));
    EXPECT_FALSE(stream->closed_as) << "others stand behind it";
    receive("");
    const std::string answers = sent();
    EXPECT_NE(answers.find("late"), std::string::npos);
    EXPECT_NE(answers.find("POST /2 x"), std::string::npos);
    EXPECT_EQ(count(answers, "Connection: close"), 1U);
    EXPECT_TRUE(answers.ends_with("GET /next "));
    EXPECT_NE(answers.find("Connection: close"), std::string::npos);
    EXPECT_EQ(stream->closed_as, CloseReason::normal);
}

TEST_F(HttpConnectionTest, HalfARequestOfAClientThatEndedItsDirectionIsDropped) {
    std::shared_ptr<HttpExchange> waiting;
    route("GET", "/late", [&](std::shared_ptr<HttpExchange> exchange) { waiting = std::move(exchange); });
    connect();
    receive(get("/late") + "GET /ne");
    EXPECT_TRUE(stream->handler().input_ended());
    std::exchange(waiting, nullptr)->respond(HttpResponse(200, "text/plain", "late"));
    receive("");
    EXPECT_EQ(stream->closed_as, CloseReason::normal);
    EXPECT_EQ(count(sent(), "HTTP/1.1"), 1U);
}

TEST_F(HttpConnectionTest, ALargeAnswerIsWrittenToTheEndForAClientThatEndedItsDirection) {
    echo("GET", "/");
    connect();
    stream->stalled = true;
    receive(get("/"));
    EXPECT_TRUE(stream->handler().input_ended());
    EXPECT_EQ(stream->closed_as, CloseReason::normal) << "which flushes first";
}

TEST_F(HttpConnectionTest, AListenerIsGoneWithItsDirection) {
    std::shared_ptr<HttpExchange> events;
    route("GET", "/events", [&](std::shared_ptr<HttpExchange> exchange) {
        exchange->begin(HttpResponse(200, "text/event-stream", ""));
        events = std::move(exchange);
    });
    connect();
    EXPECT_FALSE(stream->handler().input_ended()) << "it asked for nothing";
    receive(get("/events"));
    EXPECT_FALSE(stream->handler().input_ended());
}

TEST_F(HttpConnectionTest, FloodBehindALateAnswerPausesReading) {
    std::shared_ptr<HttpExchange> waiting;
    route("GET", "/late", [&](std::shared_ptr<HttpExchange> exchange) { waiting = std::move(exchange); });
    connect();
    receive(get("/late") + std::string(20'000, 'x'));
    EXPECT_EQ(stream->pauses, 1);
    std::exchange(waiting, nullptr)->respond(HttpResponse(204, {}, {}));
    EXPECT_EQ(stream->pauses, 0);
}

TEST_F(HttpConnectionTest, HeadIsGetWithoutItsBody) {
    echo("GET", "/");
    connect();
    receive("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = sent();
    EXPECT_NE(answer.find("Content-Length: 8\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpConnectionTest, UnknownPathsAndMethodsAreProblems) {
    echo("GET", "/a");
    connect();
    receive(get("/b"));
    EXPECT_NE(sent().find("404 Not Found"), std::string::npos);
    receive("DELETE /a HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = sent();
    EXPECT_NE(answer.find("405 Method Not Allowed"), std::string::npos);
    EXPECT_NE(answer.find("Allow: GET, HEAD, OPTIONS\r\n"), std::string::npos) << answer;
    EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
    receive("OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(sent().find("204 No Content"), std::string::npos);
    receive("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(sent().find("204 No Content"), std::string::npos);
    EXPECT_FALSE(stream->closed_as);
}

// THREATS class 20: the answer is 400, and nothing behind the broken head is taken for a request.
TEST_F(HttpConnectionTest, SmuggledRequestIsNeverServed) {
    echo("", "/");
    const std::vector<std::string> heads = {
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n",
        "Content-Length: 4\r\nContent-Length: 4\r\n\r\n",
        "Content-Length: 4, 4\r\n\r\n",
        "X: a\r\n b\r\n\r\n",
        "Host: localhost\r\n\r\n",
        "Content-Length : 4\r\n\r\n",
        "X: a\nContent-Length: 4\r\n\r\n",
    };
    for (const std::string& head : heads) {
        connect();
        receive("POST /a HTTP/1.1\r\nHost: localhost\r\n" + head + "0\r\n\r\n" + get("/smuggled"));
        const std::string answer = sent();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request")) << head << answer;
        EXPECT_NE(answer.find("Connection: close"), std::string::npos);
        EXPECT_EQ(answer.find("smuggled"), std::string::npos) << head;
        EXPECT_TRUE(stream->closed_as) << head;
    }
}

TEST_F(HttpConnectionTest, BrokenChunkedBodyEndsTheConnection) {
    bool served = false;
    route("POST", "/", [&](std::shared_ptr<HttpExchange>) { served = true; });
    connect();
    receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n" + get("/smuggled"));
    EXPECT_EQ(count(sent(), "HTTP/1.1"), 1U);
    EXPECT_TRUE(stream->closed_as);
    EXPECT_FALSE(served);
}

TEST_F(HttpConnectionTest, ReadsChunkedBodies) {
    echo("POST", "/");
    connect();
    receive("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
    receive("lo\r\n0\r\n\r\n");
    EXPECT_TRUE(sent().ends_with("POST /a hello"));
    EXPECT_FALSE(stream->closed_as);
}

TEST_F(HttpConnectionTest, DroppedExchangeAnswers500) {
    route("GET", "/", [](std::shared_ptr<HttpExchange>) {});
    route("GET", "/throws", [](std::shared_ptr<HttpExchange>) { throw std::runtime_error("a handler's bug"); });
    connect();
    receive(get("/"));
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 500 "));
    receive(get("/throws"));
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 500 "));
    EXPECT_FALSE(stream->closed_as);
}

TEST_F(HttpConnectionTest, StreamsInChunks) {
    std::shared_ptr<HttpExchange> streaming;
    route("GET", "/", [&](std::shared_ptr<HttpExchange> exchange) { streaming = std::move(exchange); });
    connect();
    receive(get("/"));
    streaming->begin(HttpResponse(200, "text/event-stream", ""));
    EXPECT_NE(sent().find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    streaming->write(as_bytes("data: "), {as_bytes("0123456789"), nullptr, nullptr});
    EXPECT_EQ(sent(), "10\r\ndata: 0123456789\r\n");
    streaming->finish();
    EXPECT_EQ(sent(), "0\r\n\r\n");
    EXPECT_FALSE(stream->closed_as);
    streaming->write(as_bytes("too late"), {});
    EXPECT_EQ(sent(), "");
}

TEST_F(HttpConnectionTest, StreamsToHttp10UntilTheEnd) {
    std::shared_ptr<HttpExchange> streaming;
    route("GET", "/", [&](std::shared_ptr<HttpExchange> exchange) { streaming = std::move(exchange); });
    connect();
    receive("GET / HTTP/1.0\r\n\r\n");
    streaming->begin(HttpResponse(200, "text/event-stream", ""));
    EXPECT_EQ(sent().find("chunked"), std::string::npos);
    streaming->write(as_bytes("data"), {});
    EXPECT_EQ(sent(), "data");
    streaming->finish();
    EXPECT_TRUE(stream->closed_as);
}

TEST_F(HttpConnectionTest, HolderHearsThatTheClientWent) {
    std::shared_ptr<HttpExchange> streaming;
    bool told = false;
    route("GET", "/", [&](std::shared_ptr<HttpExchange> exchange) { streaming = std::move(exchange); });
    connect();
    receive(get("/"));
    streaming->on_closed([&] { told = true; });
    stream->finish(CloseReason::connection_lost);
    EXPECT_TRUE(told);
    streaming->respond(HttpResponse(200, "text/plain", "to nobody"));
    EXPECT_EQ(sent(), "");
}

TEST_F(HttpConnectionTest, DrainClosesTheIdleAndLetsTheBusyFinish) {
    std::shared_ptr<HttpExchange> waiting;
    bool told = false;
    route("GET", "/", [&](std::shared_ptr<HttpExchange> exchange) {
        exchange->on_drain([&] { told = true; });
        waiting = std::move(exchange);
    });
    connect();
    stream->handler().drain();
    EXPECT_EQ(stream->closed_as, CloseReason::server_shutdown);
    connect();
    receive(get("/"));
    stream->handler().drain();
    EXPECT_TRUE(told);
    EXPECT_FALSE(stream->closed_as);
    std::exchange(waiting, nullptr)->respond(HttpResponse(200, "text/plain", "bye"));
    EXPECT_NE(sent().find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(stream->closed_as, CloseReason::server_shutdown);
}

// THREATS class 21: only listed pages may use a route, and only they may read its answers.
TEST_F(HttpConnectionTest, PagesNeedToBeListed) {
    echo("POST", "/closed");
    echo("POST", "/open");
    routes->http.back().origins = {"https://app.example"};
    connect();
    const std::string page = "Origin: https://app.example\r\n";
    const auto ask = [&](const std::string& line, const std::string& fields) {
        receive(line + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
        return sent();
    };
    EXPECT_TRUE(ask("POST /closed", page).starts_with("HTTP/1.1 403 "));
    EXPECT_TRUE(ask("POST /open", "Origin: https://evil.example\r\n").starts_with("HTTP/1.1 403 "));
    const std::string answer = ask("POST /open", page);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
    EXPECT_NE(answer.find("Access-Control-Allow-Origin: https://app.example\r\n"), std::string::npos);
    EXPECT_EQ(ask("POST /open", "").find("Access-Control"), std::string::npos);

    const std::string question = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: junctor-qos\r\n";
    const std::string preflight = ask("OPTIONS /open", page + question);
    EXPECT_NE(preflight.find("Access-Control-Allow-Headers: junctor-qos\r\n"), std::string::npos) << preflight;
    EXPECT_EQ(ask("OPTIONS /closed", page + question).find("Access-Control"), std::string::npos);
}

// THREATS class 18: what a topic or header carries cannot end the header that it stands in.
TEST_F(HttpConnectionTest, ResponseHeadersCannotBeSplit) {
    route("GET", "/", [](std::shared_ptr<HttpExchange> exchange) {
        HttpResponse response(200, "text/plain", "body");
        response.headers.push_back({"X-Evil", "a\r\nX-Injected: b"});
        response.headers.push_back({"X-Evil\r\nX-Injected", "b"});
        response.headers.push_back({"Content-Length", "1"});
        exchange->respond(std::move(response));
    });
    connect();
    receive(get("/"));
    const std::string answer = sent();
    EXPECT_EQ(answer.find("Injected"), std::string::npos);
    EXPECT_EQ(count(answer, "Content-Length"), 1U);
}

}  // namespace
}  // namespace junctor::web
