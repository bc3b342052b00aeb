// The end of a gateway as its clients live it. Each case has a gateway of its own.
#include <gtest/gtest.h>

#include <thread>

#include "tests/conformance/gateway_under_test.hpp"
#include "tests/conformance/systems.hpp"

namespace junctor::test {
namespace {

using namespace std::chrono_literals;

class Drain : public testing::TestWithParam<Setting> {};

TEST_P(Drain, HandsOverWhatWasAcknowledgedThenSaysGoodbye) {
    GatewayUnderTest gateway(GetParam().cores);
    const auto subscriber = gateway.client(GetParam().system.scheme), publisher = gateway.client(GetParam().system.scheme);
    subscriber->subscribe("drain/x", Qos::at_least_once);
    constexpr int count = 200;
    for (int number = 0; number < count; ++number) {
        ClientMessage message;
        message.topic = "drain/x";
        message.qos = std::min(Qos::at_least_once, GetParam().system.max_qos);
        append(message.payload, std::string_view(std::to_string(number)));
        publisher->publish(message);
    }
    std::thread draining([&] { gateway.application().drain(); });
    for (int number = 0; number < count; ++number) {
        const std::optional<ClientMessage> received = subscriber->receive(20s);
        EXPECT_TRUE(received);
        if (!received) break;
        EXPECT_EQ(as_text(received->payload), std::to_string(number));
    }
    draining.join();
    // A ZeroMQ socket has no connection that could end: it waits for another gateway.
    if (GetParam().system.name == "zeromq") return;
    EXPECT_THROW(subscriber->receive(20s), ClientError);
}

INSTANTIATE_TEST_SUITE_P(ConformanceOfEvery, Drain, testing::ValuesIn(settings({1, 4})), testing::PrintToStringParamName());

}  // namespace
}  // namespace junctor::test
