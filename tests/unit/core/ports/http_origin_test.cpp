#include "core/ports/http_origin.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

bool allowed(const std::string& origin, const std::string& host, bool loopback, const std::vector<std::string>& list = {}) {
    HttpRequest request;
    request.headers = {{"Host", host}};
    if (!origin.empty()) request.headers.push_back({"Origin", origin});
    request.peer.loopback = loopback;
    return origin_allowed(request, list);
}

// THREATS class 21: cross-site WebSocket hijacking and its kin.
TEST(Origin, DefaultIsTheSameOriginOrNone) {
    EXPECT_TRUE(allowed("", "gateway.example", false));
    EXPECT_TRUE(allowed("https://gateway.example", "gateway.example", false));
    EXPECT_TRUE(allowed("https://Gateway.example", "gateway.example:443", false));
    EXPECT_TRUE(allowed("http://127.0.0.1:8080", "127.0.0.1:8080", true));
    EXPECT_TRUE(allowed("http://[::1]:8080", "[::1]:8080", true));
    EXPECT_TRUE(allowed("http://localhost", "localhost:80", true));
    for (const char* foreign : {"https://evil.example", "null", "http://127.0.0.1:9090", "http://127.0.0.1", "file://", "127.0.0.1:8080"})
        EXPECT_FALSE(allowed(foreign, "127.0.0.1:8080", true)) << foreign;
}

TEST(Origin, NameThatAPageRebindsToLoopbackIsForeign) {
    EXPECT_FALSE(allowed("http://rebound.example:8080", "rebound.example:8080", true));
    EXPECT_TRUE(allowed("http://rebound.example:8080", "rebound.example:8080", false));
}

TEST(Origin, ListAddsOrigins) {
    const std::vector<std::string> list{"https://app.example"};
    EXPECT_TRUE(allowed("https://app.example", "127.0.0.1:8080", true, list));
    EXPECT_FALSE(allowed("http://app.example", "127.0.0.1:8080", true, list));
    EXPECT_FALSE(allowed("https://app.example.evil", "127.0.0.1:8080", true, list));
    EXPECT_TRUE(allowed("https://evil.example", "127.0.0.1:8080", true, {"*"}));
}

}  // namespace
}  // namespace junctor
