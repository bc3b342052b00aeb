#include "connectors/mqtt/websocket_pipe.hpp"

#include <gtest/gtest.h>

#include "tests/support/websocket_server.hpp"

namespace junctor::mqtt {
namespace {

using namespace std::chrono_literals;

TEST(MqttWebSocketPipe, IsAByteStreamInBinaryFrames) {
    std::string sent;
    web::WebSocketClient::Options options;
    options.url = web::Url::parse("ws://gateway:8080/mqtt");
    options.subprotocol = "mqtt";
    options.dial = [&sent](const BlockingStream::Options&) {
        return std::make_unique<test::WebSocketServer>("\x82\x03" "abc" "\x82\x01" "d", sent, "mqtt");
    };
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
