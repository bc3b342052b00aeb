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

// Browsers send no Origin with what a page reads under its own name.
TEST(Origin, WhatMayComeFromAReboundNameIsNotFromThisMachine) {
    const auto rebound = [](const std::string& host, bool loopback, const std::vector<std::string>& list = {}, const std::string& origin = {}) {
        HttpRequest request;
        request.headers = {{"Host", host}};
        if (!origin.empty()) request.headers.push_back({"Origin", origin});
        request.peer.loopback = loopback;
        return may_be_rebound(request, list);
    };
    for (const char* host : {"rebound.example", "rebound.example:8080", "localhost.evil.example", "127.0.0.1.evil.example"})
        EXPECT_TRUE(rebound(host, true)) << host;
    for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "10.0.0.1"}) EXPECT_FALSE(rebound(host, true)) << host;
    EXPECT_FALSE(rebound("gateway.example", false)) << "the network's own names lead here";
    EXPECT_FALSE(rebound("App.example:8080", true, {"https://app.example"}));
    EXPECT_FALSE(rebound("any.example", true, {"*"}));
    EXPECT_TRUE(rebound("any.example", true, {"null"}));
    EXPECT_FALSE(rebound("rebound.example", true, {}, "http://rebound.example")) << "its Origin has been judged";
}

// An image or a frame of a foreign page: it cannot read what comes, but it could acknowledge what waits in a session.
TEST(Origin, WhatAForeignPageLoadsIsForeignWithoutAnOrigin) {
    const auto loads = [](const std::string& site, const std::string& mode, const std::string& destination, const std::vector<std::string>& list = {}) {
        HttpRequest request;
        request.headers = {{"Host", "localhost:8080"}, {"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", mode}, {"Sec-Fetch-Dest", destination}};
        request.peer.loopback = true;
        return origin_allowed(request, list);
    };
    EXPECT_FALSE(loads("cross-site", "no-cors", "image"));
    EXPECT_FALSE(loads("same-site", "no-cors", "script"));
    EXPECT_FALSE(loads("cross-site", "navigate", "iframe"));
    EXPECT_FALSE(loads("cross-site", "no-cors", "image", {"https://app.example"}));
    EXPECT_TRUE(loads("cross-site", "no-cors", "image", {"*"}));
    EXPECT_TRUE(loads("cross-site", "navigate", "document")) << "somebody follows a link";
    EXPECT_TRUE(loads("same-origin", "cors", "empty"));
    EXPECT_TRUE(loads("none", "navigate", "document"));
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
