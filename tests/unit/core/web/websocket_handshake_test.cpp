#include "core/web/websocket_handshake.hpp"

#include "tests/unit/core/web/http_fixture.hpp"

namespace junctor::web {
namespace {

struct Spy final : StreamHandler {
    explicit Spy(std::string& seen) : seen_(seen) {}
    std::size_t received(Bytes bytes) noexcept override {
        seen_ += as_text(bytes);
        return bytes.size();
    }
    std::size_t receive_limit() const noexcept override { return 1'024; }
    void drain() noexcept override {}
    void closed(CloseReason) noexcept override {}
    std::string& seen_;
};

class WebSocketHandshake : public HttpFixture {
protected:
    void serve(std::string path, std::string subprotocol, std::vector<std::string> origins = {}) {
        routes->websocket.push_back({std::move(path), std::move(subprotocol), WebSocketMode::byte_stream, false,
                                     [this](Stream&, const HttpRequest& request) {
                                         query = request.query;
                                         return std::make_unique<Spy>(seen);
                                     },
                                     std::move(origins)});
    }

    std::string ask(const std::string& path, const std::string& fields, const std::string& version = "13") {
        connect();
        receive("GET " + path + " HTTP/1.1\r\nHost: localhost:8080\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: " + version + "\r\n" + fields + "\r\n");
        return sent();
    }

    std::string seen;
    std::string query;
};

TEST_F(WebSocketHandshake, AcceptKeyIsThatOfRfc6455) {
    EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_F(WebSocketHandshake, UpgradesAndHandsOverTheRest) {
    serve("/ws", "");
    connect();
    receive("GET /ws?token=a HTTP/1.1\r\nHost: localhost:8080\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\nframes");
    const std::string answer = sent();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << answer;
    EXPECT_NE(answer.find("Connection: Upgrade\r\n"), std::string::npos);
    EXPECT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
    EXPECT_EQ(answer.find("Sec-WebSocket-Protocol"), std::string::npos);
    EXPECT_TRUE(stream->is_websocket);
    EXPECT_EQ(query, "token=a");
    EXPECT_EQ(stream->unconsumed(), 6U) << "the frames are the stream's to decode";
}

TEST_F(WebSocketHandshake, SelectsTheSubprotocol) {
    serve("/x", "mqtt");
    serve("/x", "json");
    EXPECT_NE(ask("/x", "Sec-WebSocket-Protocol: foo, json, mqtt\r\n").find("Sec-WebSocket-Protocol: json\r\n"), std::string::npos);
    EXPECT_NE(ask("/x", "Sec-WebSocket-Protocol: mqtt\r\n").find("Sec-WebSocket-Protocol: mqtt\r\n"), std::string::npos);
    EXPECT_TRUE(ask("/x", "Sec-WebSocket-Protocol: foo\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(ask("/x", "").starts_with("HTTP/1.1 400 "));
    EXPECT_FALSE(stream->is_websocket);
}

TEST_F(WebSocketHandshake, ForeignPageIsRefused) {
    serve("/ws", "", {"https://app.example"});
    EXPECT_TRUE(ask("/ws", "Origin: https://evil.example\r\n").starts_with("HTTP/1.1 403 "));
    EXPECT_TRUE(ask("/ws", "Origin: http://localhost:8080\r\n").starts_with("HTTP/1.1 101 "));
    EXPECT_TRUE(ask("/ws", "Origin: https://app.example\r\n").starts_with("HTTP/1.1 101 "));
}

TEST_F(WebSocketHandshake, RefusesWhatIsNoHandshake) {
    serve("/ws", "");
    const std::string other_version = ask("/ws", "", "8");
    EXPECT_TRUE(other_version.starts_with("HTTP/1.1 426 "));
    EXPECT_NE(other_version.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
    connect();
    receive("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 426 "));
    connect();
    receive("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: short\r\n\r\n");
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 400 "));
    connect();
    receive("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_TRUE(sent().starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(stream->closed_as);
}

TEST_F(WebSocketHandshake, UpgradeElsewhereIsAnOrdinaryRequest) {
    echo("GET", "/plain");
    EXPECT_TRUE(ask("/plain", "").starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(ask("/nowhere", "").starts_with("HTTP/1.1 404 "));
}

}  // namespace
}  // namespace junctor::web
