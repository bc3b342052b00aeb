#include "core/web/route_table.hpp"

#include <gtest/gtest.h>

namespace junctor::web {
namespace {

RouteTable table(std::vector<HttpRoute> routes) { return RouteTable(std::make_shared<HttpRoutes>(HttpRoutes{std::move(routes), {}})); }

std::string found(const RouteTable& routes, std::string_view method, std::string_view path) {
    const RouteTable::Match match = routes.find(method, path);
    return match.route ? match.route->method + match.route->prefix : "allow:" + match.allow;
}

TEST(RouteTable, LongestPrefixWins) {
    const RouteTable routes = table({{"GET", "/", {}, {}, {}}, {"GET", "/v1/topics/", {}, {}, {}}, {"GET", "/v1/", {}, {}, {}}});
    EXPECT_EQ(found(routes, "GET", "/v1/topics/a/b"), "GET/v1/topics/");
    EXPECT_EQ(found(routes, "GET", "/v1/other"), "GET/v1/");
    EXPECT_EQ(found(routes, "GET", "/v2"), "GET/");
}

TEST(RouteTable, WithoutFinalSlashThePathIsExact) {
    const RouteTable routes = table({{"GET", "/healthz", {}, {}, {}}});
    EXPECT_EQ(found(routes, "GET", "/healthz"), "GET/healthz");
    EXPECT_EQ(found(routes, "GET", "/healthz/"), "allow:");
    EXPECT_EQ(found(routes, "GET", "/healthzz"), "allow:");
}

TEST(RouteTable, TellsTheMethodsOfAPath) {
    const RouteTable routes = table({{"GET", "/a/", {}, {}, {}}, {"POST", "/a/", {}, {}, {}}});
    EXPECT_EQ(found(routes, "POST", "/a/b"), "POST/a/");
    EXPECT_EQ(found(routes, "HEAD", "/a/b"), "GET/a/");
    EXPECT_EQ(found(routes, "PUT", "/a/b"), "allow:GET, HEAD, OPTIONS, POST");
    EXPECT_EQ(found(routes, "PUT", "/b"), "allow:");
}

TEST(RouteTable, AStarIsOneSegmentOfAWebSocketsPath) {
    auto routes = std::make_shared<HttpRoutes>();
    for (const char* path : {"/bus/websocket", "/bus/*/*/websocket"}) {
        WebSocketRoute route;
        route.path = path;
        routes->websocket.push_back(std::move(route));
    }
    const RouteTable table(routes);
    for (const char* path : {"/bus/websocket", "/bus/123/abc/websocket"}) EXPECT_TRUE(table.has_websocket(path)) << path;
    for (const char* path : {"/bus", "/bus/1/websocket", "/bus//abc/websocket", "/bus/1/2/3/websocket", "/bus/1/2/websocket/", "/bus/1/2/other", "bus/websocket", "/bus/websocket/"})
        EXPECT_FALSE(table.has_websocket(path)) << path;
}

}  // namespace
}  // namespace junctor::web
