// What clients of each protocol hear when the gateway drains in the middle of its work.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using test::BlockingSocket;
using testing::HasSubstr;
using testing::StartsWith;

class DrainTest : public test::ApplicationFixture {
protected:
    const Address web{"127.0.0.3", 0};

    DrainTest() {
        run(std::string(two_cores) + "  - {type: rest, address: \"127.0.0.3:0\"}\n  - {type: websocket, address: \"127.0.0.3:0\"}\n");
    }

    /// An MQTT 5 client without a name, connected.
    BlockingSocket mqtt5() {
        BlockingSocket client(application_->bound(door));
        client.send(std::string("\x10\x0d\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x00", 15));
        EXPECT_THAT(client.read(100), StartsWith("\x20"));
        return client;
    }
};

TEST_F(DrainTest, EveryProtocolSaysWhyInItsOwnWords) {
    BlockingSocket publisher = mqtt5(), subscriber = mqtt5();
    subscriber.send(std::string("\x82\x0c\x00\x01\x00\x00\x06load/#\x00", 14));
    EXPECT_THAT(subscriber.read(6), StartsWith("\x90"));
    BlockingSocket socket(application_->bound(web)), poll(application_->bound(web)), idle(application_->bound(web));
    socket.send(
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_THAT(socket.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101"));
    poll.send("GET /v1/topics/never?wait=30s HTTP/1.1\r\nHost: localhost\r\n\r\n");
    idle.send("GET /v1/topics/never HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(idle.read_until("}"), StartsWith("HTTP/1.1 404"));

    // Load: messages before, during and after the drain begins.
    std::atomic<bool> over{false};
    std::thread load([&] {
        const std::string message("\x30\x0a\x00\x06load/x\x00z", 12);
        while (!over && publisher.try_send(message)) continue;
    });
    EXPECT_THAT(subscriber.read(12), StartsWith("\x30")) << "the load has begun";
    std::thread draining([&] { application_->drain(); });
    EXPECT_TRUE(subscriber.read_all().ends_with("\xe0\x01\x8b")) << "MQTT 5: DISCONNECT, server shutting down";
    EXPECT_THAT(socket.read_all(), HasSubstr("\x03\xe9")) << "WebSocket: 1001, going away";
    EXPECT_THAT(poll.read_all(), HasSubstr("Connection: close"));
    EXPECT_EQ(idle.read_all(), "");
    over = true;
    load.join();
    draining.join();
}

}  // namespace
}  // namespace junctor
