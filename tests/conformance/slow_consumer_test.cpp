// A subscriber that does not read ends by name, and neither the publisher nor the other subscribers wait for it (threats 22 and 23).
#include <gtest/gtest.h>

#include "tests/conformance/gateway_under_test.hpp"
#include "tests/conformance/raw_connection.hpp"
#include "tests/conformance/wires.hpp"

namespace junctor::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// How a protocol opens a connection and subscribes to `slow/#` with QoS 1, and by what its last answer is known.
struct SlowConsumer {
    std::string name;
    std::string scheme;
    std::vector<std::pair<std::string, std::string>> steps;
    unsigned cores;

    friend std::ostream& operator<<(std::ostream& out, const SlowConsumer& consumer) { return out << consumer.name << '_' << consumer.cores << "_cores"; }
};

std::vector<SlowConsumer> consumers() {
    const std::string mqtt_filter = mqtt_packet(0x82, "\x00\x01"s + mqtt_text("slow/#") + "\x01");
    const std::string json_filter = websocket_frame(0x81, R"({"op":"subscribe","id":1,"filter":"slow/#","qos":1})");
    const std::string get = "GET /v1/topics/slow/%23?qos=1 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    std::vector<SlowConsumer> all;
    for (const unsigned cores : {1u, 4u}) {
        all.push_back({"mqtt", "mqtt", {{mqtt_connect(), "\x20\x02\x00\x00"s}, {mqtt_filter, "\x90\x03\x00\x01\x01"s}}, cores});
        all.push_back({"websocket", "ws", {{websocket_upgrade("/ws"), "\r\n\r\n"}, {json_filter, R"("op":"ack")"}}, cores});
        all.push_back({"rest", "http", {{get, "\r\n\r\n"}}, cores});
    }
    return all;
}

class SlowConsumers : public testing::TestWithParam<SlowConsumer> {};

TEST_P(SlowConsumers, EndAndNobodyWaitsForThem) {
    GatewayUnderTest gateway(GetParam().cores, "{outbound_queue: 1MiB}");
    RawConnection slow(gateway.endpoint(GetParam().scheme), 4'096);
    for (const auto& [bytes, answer] : GetParam().steps) {
        slow.send(bytes);
        ASSERT_NE(slow.receive_until(answer).find(answer), std::string::npos);
    }
    const auto healthy = gateway.client(GetParam().scheme), publisher = gateway.client(GetParam().scheme);
    healthy->subscribe("slow/#", Qos::at_least_once);
    ClientMessage message;
    message.topic = "slow/a";
    message.qos = Qos::at_least_once;
    // More than the kernel and the gateway keep for somebody who does not read.
    constexpr std::size_t count = 200;
    for (std::size_t number = 0; number < count; ++number) {
        message.payload.assign(64 << 10, static_cast<std::uint8_t>('a' + number % 26));
        publisher->publish(message);
        const std::optional<ClientMessage> received = healthy->receive(20s);
        ASSERT_TRUE(received) << number;
        ASSERT_EQ(received->payload, message.payload) << number;
    }
    slow.receive_until_closed();
    EXPECT_TRUE(slow.closed());
    EXPECT_GE(gateway.metric("junctor_connections_closed_total", "slow_consumer"), 1);
}

INSTANTIATE_TEST_SUITE_P(ConformanceOfEvery, SlowConsumers, testing::ValuesIn(consumers()), testing::PrintToStringParamName());

}  // namespace
}  // namespace junctor::test
