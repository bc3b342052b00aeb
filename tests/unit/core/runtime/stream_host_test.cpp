#include "core/runtime/stream_host.hpp"

#include <gtest/gtest.h>

#include "core/base/setup_error.hpp"

namespace junctor {
namespace {

const Address address{"127.0.0.1", 0};

StreamFactory nothing() {
    return [](Stream&) { return nullptr; };
}

HttpRoute route(std::string method, std::string prefix) { return {std::move(method), std::move(prefix), nullptr}; }

WebSocketRoute socket(std::string path, std::string subprotocol) {
    WebSocketRoute made;
    made.path = std::move(path);
    made.subprotocol = std::move(subprotocol);
    return made;
}

std::string refusal(const std::function<void()>& attempt) {
    try {
        attempt();
    } catch (const SetupError& error) {
        return error.what();
    }
    return {};
}

struct StreamHostTest : testing::Test {
    StreamHost::Loops loops;
    StreamHost host{loops, nullptr};
};

TEST_F(StreamHostTest, TwoOwnersOfAnAddressAreBothNamed) {
    host.set_owner("connectors[0] (mqtt)");
    host.serve_streams(address, nothing());
    host.set_owner("connectors[1] (other)");
    const std::string said = refusal([&] { host.serve_streams(address, nothing()); });
    EXPECT_EQ(said, "connectors[1] (other) wants the address 127.0.0.1:0, which belongs to connectors[0] (mqtt) already");
}

TEST_F(StreamHostTest, StreamsAndHttpDoNotShareAnAddress) {
    host.set_owner("a");
    host.serve_streams(address, nothing());
    host.set_owner("b");
    EXPECT_NE(refusal([&] { host.serve_http(address, route("GET", "/")); }), "");
    EXPECT_NE(refusal([&] { host.serve_websocket(address, socket("/ws", "")); }), "");
    const Address other{"127.0.0.1", 1};
    host.serve_websocket(other, socket("/ws", ""));
    EXPECT_EQ(refusal([&] { host.serve_streams(other, nothing()); }), "b wants the address 127.0.0.1:1, which belongs to b already");
}

TEST_F(StreamHostTest, OneRouteHasOneOwner) {
    host.set_owner("a");
    host.serve_http(address, route("GET", "/v1/"));
    host.serve_http(address, route("POST", "/v1/"));
    host.serve_websocket(address, socket("/x", "mqtt"));
    host.serve_websocket(address, socket("/x", ""));
    host.set_owner("b");
    EXPECT_EQ(refusal([&] { host.serve_http(address, route("GET", "/v1/")); }),
              "b wants the route GET /v1/ on 127.0.0.1:0, which belongs to a already");
    EXPECT_EQ(refusal([&] { host.serve_websocket(address, socket("/x", "mqtt")); }),
              "b wants the WebSocket /x (subprotocol mqtt) on 127.0.0.1:0, which belongs to a already");
}

TEST_F(StreamHostTest, AMissingCertificateIsNamed) {
    const std::string said = refusal([&] { host.set_tls(address, {"/nonexistent/c.pem", "/nonexistent/k.pem", "", {}, true}); });
    EXPECT_NE(said.find("'/nonexistent/c.pem'"), std::string::npos) << said;
    EXPECT_NE(said.find("No such file"), std::string::npos) << said;
}

}  // namespace
}  // namespace junctor
