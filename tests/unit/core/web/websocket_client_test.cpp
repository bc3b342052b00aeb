#include "core/web/websocket_client.hpp"

#include <gtest/gtest.h>

#include "tests/support/websocket_server.hpp"
#include "tests/unit/core/web/fake_dial.hpp"

namespace junctor::web {
namespace {

using namespace std::chrono_literals;

class WebSocketClientTest : public ::testing::Test {
protected:
    WebSocketClient connect(std::string frames) {
        return WebSocketClient({Url::parse("ws://gateway:8080/ws"), {}, "", {},
                                [this, frames](const BlockingStream::Options&) { return std::make_unique<test::WebSocketServer>(frames, sent); }});
    }

    std::string sent;
};

TEST_F(WebSocketClientTest, ReceivesWholeMessagesByteByByte) {
    WebSocketClient client = connect("\x81\x05hello" + std::string("\x01\x03one\x80\x03two", 10));
    EXPECT_EQ(as_text(*client.receive(1s)), "hello");
    EXPECT_EQ(as_text(*client.receive(1s)), "onetwo");
    EXPECT_FALSE(client.receive(0s));
}

TEST_F(WebSocketClientTest, MasksWhatItSends) {
    WebSocketClient client = connect("");
    sent.clear();
    client.send_text("hello");
    ASSERT_EQ(sent.size(), 11U);
    EXPECT_EQ(static_cast<unsigned char>(sent[0]), 0x81);
    EXPECT_EQ(static_cast<unsigned char>(sent[1]), 0x85);
    for (std::size_t at = 0; at < 5; ++at) EXPECT_EQ(sent[6 + at] ^ sent[2 + at % 4], "hello"[at]);
}

TEST_F(WebSocketClientTest, AnswersPings) {
    WebSocketClient client = connect("\x89\x01x\x81\x01y");
    sent.clear();
    EXPECT_EQ(as_text(*client.receive(1s)), "y");
    EXPECT_EQ(static_cast<unsigned char>(sent.at(0)), 0x8a);
}

TEST_F(WebSocketClientTest, SaysWhyTheServerClosed) {
    WebSocketClient client = connect(std::string("\x88\x05\x03\xf0", 4) + "bye");
    try {
        client.receive(1s);
        FAIL();
    } catch (const ClientError& error) {
        EXPECT_STREQ(error.what(), "gateway:8080 closed the WebSocket with code 1008: bye");
    }
}

TEST_F(WebSocketClientTest, RefusedHandshakeIsASentence) {
    for (const char* answer : {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "nonsense\r\n\r\n",
                               "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n"}) {
        FakeDial dial;
        dial.add({answer});
        EXPECT_THROW(WebSocketClient({Url::parse("ws://a/"), {}, "", {}, dial.dial()}), ClientError) << answer;
    }
}

}  // namespace
}  // namespace junctor::web
