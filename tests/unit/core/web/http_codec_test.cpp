#include "core/web/http_codec.hpp"

#include <gtest/gtest.h>

namespace junctor::web {
namespace {

using Body = ResponseFraming::Body;

const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string head(const HttpResponse& response, const ResponseFraming& framing) { return write_response_head(response, framing, date); }

TEST(HttpCodec, ReadsARequestHead) {
    HttpRequest request;
    ASSERT_TRUE(read_request_head("POST /a%2Fb?c=d?e HTTP/1.1\r\nHost: a\r\nX-Twice: 1\r\nx-twice: 2\r\n\r\n", request));
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/a%2Fb");
    EXPECT_EQ(request.query, "c=d?e");
    EXPECT_EQ(request.headers, (std::vector<Header>{{"Host", "a"}, {"X-Twice", "1"}, {"x-twice", "2"}}));
}

TEST(HttpCodec, MethodsOfOthersAreKept) {
    HttpRequest request;
    ASSERT_TRUE(read_request_head("BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", request));
    EXPECT_EQ(request.method, "BREW");
}

TEST(HttpCodec, HalfAHeadIsNoRequest) {
    HttpRequest request;
    EXPECT_FALSE(read_request_head("GET / HTTP/1.1\r\nHost: a\r\n", request));
    EXPECT_FALSE(read_request_head("GET /", request));
}

TEST(HttpCodec, WritesEveryFraming) {
    const HttpResponse response(200, "text/plain", "");
    const std::string start = "HTTP/1.1 200 OK\r\nDate: " + date + "\r\nContent-Type: text/plain\r\n";
    EXPECT_EQ(head(response, {Body::length, 5, true, true}), start + "Content-Length: 5\r\n\r\n");
    EXPECT_EQ(head(response, {Body::chunked, 0, true, true}), start + "Transfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(head(response, {Body::until_close, 0, false, false}), start + "Connection: close\r\n\r\n");
    EXPECT_EQ(head(response, {Body::length, 0, false, true}), start + "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(HttpCodec, HandlersCannotFrame) {
    HttpResponse response(200, {}, {});
    response.headers = {{"Transfer-Encoding", "chunked"}, {"content-length", "7"}, {"Connection", "upgrade"}, {"Date", "never"}};
    EXPECT_EQ(head(response, {Body::length, 0, true, true}), "HTTP/1.1 200 OK\r\nDate: " + date + "\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpCodec, DateIsThatOfTheStandard) { EXPECT_EQ(http_date(WallTime(std::chrono::seconds(784'111'777))), date); }


std::optional<std::string> written(const HttpRequest& request) {
    const std::optional<ByteBuffer> wire = write_request(request, "host:80", {{"X", "y"}});
    return wire ? std::optional<std::string>(as_text(*wire)) : std::nullopt;
}

TEST(HttpCodec, WritesARequest) {
    HttpRequest request;
    request.method = "GET";
    request.path = "/a";
    request.query = "b";
    request.headers = {{"Z", "1"}};
    EXPECT_EQ(written(request), "GET /a?b HTTP/1.1\r\nHost: host:80\r\nX: y\r\nZ: 1\r\n\r\n");
    request.method = "PUT";
    EXPECT_EQ(written(request), "PUT /a?b HTTP/1.1\r\nHost: host:80\r\nX: y\r\nZ: 1\r\nContent-Length: 0\r\n\r\n");
}

// THREATS class 18.
TEST(HttpCodec, NothingInARequestBreaksOutOfItsLine) {
    HttpRequest good;
    good.method = "GET";
    good.path = "/";
    for (const auto& spoil : std::vector<std::function<void(HttpRequest&)>>{
             [](HttpRequest& bad) { bad.method = "GET /"; }, [](HttpRequest& bad) { bad.path = "/a b"; }, [](HttpRequest& bad) { bad.path = "a"; },
             [](HttpRequest& bad) { bad.query = "a\r\nX: y"; }, [](HttpRequest& bad) { bad.headers = {{"X", "a\nY: b"}}; },
             [](HttpRequest& bad) { bad.headers = {{"X: y\r\nZ", "a"}}; }}) {
        HttpRequest bad = good;
        spoil(bad);
        EXPECT_EQ(written(bad), std::nullopt);
    }
}

}  // namespace
}  // namespace junctor::web
