#include "connectors/mqtt/websocket_pipe.hpp"

#include <gtest/gtest.h>

#include "core/web/websocket_handshake.hpp"

namespace junctor::mqtt {
namespace {

using namespace std::chrono_literals;

/// A server that shakes hands, then sends `frames` byte by byte.
class ServerWire final : public BlockingStream {
public:
    ServerWire(std::string frames, std::string& sent) : frames_(std::move(frames)), sent_(sent) {}

    void send(Bytes bytes) override {
        sent_ += as_text(bytes);
        constexpr std::string_view field = "Sec-WebSocket-Key: ";
        const std::size_t at = sent_.find(field);
        if (answered_ || at == std::string::npos) return;
        const std::string key = sent_.substr(at + field.size(), sent_.find("\r\n", at) - at - field.size());
        pending_ = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n"
                   "Sec-WebSocket-Accept: " + web::websocket_accept(key) + "\r\n\r\n" + frames_;
        answered_ = true;
    }
    std::size_t receive(std::span<std::uint8_t> into, Duration) override {
        if (pending_.empty()) return 0;
        into[0] = static_cast<std::uint8_t>(pending_.front());
        pending_.erase(0, 1);
        return 1;
    }

private:
    std::string frames_;
    std::string& sent_;
    std::string pending_;
    bool answered_ = false;
};

TEST(MqttWebSocketPipe, IsAByteStreamInBinaryFrames) {
    std::string sent;
    web::WebSocketClient::Options options;
    options.url = web::Url::parse("ws://gateway:8080/mqtt");
    options.subprotocol = "mqtt";
    options.dial = [&sent](const BlockingStream::Options&) { return std::make_unique<ServerWire>("\x82\x03" "abc" "\x82\x01" "d", sent); };
    WebSocketPipe pipe(options);
    EXPECT_NE(sent.find("Sec-WebSocket-Protocol: mqtt\r\n"), std::string::npos);

    std::string got;
    std::array<std::uint8_t, 2> room{};
    while (const std::size_t count = pipe.receive(room, 1ms)) got += as_text(Bytes(room).first(count));
    EXPECT_EQ(got, "abcd");

    sent.clear();
    pipe.send(as_bytes("xy"));
    EXPECT_EQ(static_cast<unsigned char>(sent.at(0)), 0x82);
}

}  // namespace
}  // namespace junctor::mqtt
