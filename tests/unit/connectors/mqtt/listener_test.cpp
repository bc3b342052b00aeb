#include "connectors/mqtt/listener.hpp"

#include <gtest/gtest.h>

#include "core/config/load.hpp"
#include "core/ports/descriptor.hpp"
#include "core/ports/http.hpp"
#include "tests/support/fake_host.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/lone_core.hpp"
#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {

Descriptor descriptor();

namespace {

std::shared_ptr<Listener> listener(std::string_view yaml, const Limits& limits = {}) {
    const Descriptor offer = descriptor();
    return offer.make_listener("front", config::load_text(yaml, offer.fields, {"test.yaml", ".", {}}), limits);
}

/// What a client hears from a handler that the listener's factory made.
std::string answer(const StreamFactory& factory, std::string_view bytes) {
    test::LoneCore lone;
    test::FakeStream stream(lone.core);
    stream.attach(factory(stream));
    stream.receive(wire::hex(bytes));
    if (stream.moved_to) stream.arrive(lone.core);
    std::string heard = wire::to_hex(stream.sent);
    stream.finish(CloseReason::connection_lost);
    return heard;
}

constexpr std::string_view connect = "10 0E 0004 4D515454 05 02 000A 00 0001 70";

TEST(MqttListener, ServesStreams) {
    test::FakeHost host;
    const auto made = listener("{address: \"127.0.0.1:1883\"}");
    made->open(host);
    ASSERT_EQ(host.streams.size(), 1U);
    EXPECT_EQ(host.streams[0].first.text(), "127.0.0.1:1883");
    EXPECT_EQ(made->addresses(), std::vector{host.streams[0].first});
    EXPECT_EQ(answer(host.streams[0].second, connect), "2009000006" "22000A" "210014");
    EXPECT_EQ(made->endpoints(host)[0].address, "mqtt://127.0.0.1:1883");
}

TEST(MqttListener, ServesWebSocketsAtAPath) {
    test::FakeHost host;
    const auto made = listener("{address: \"127.0.0.1:8080\", path: /mqtt, origins: [https://app.example]}");
    made->open(host);
    ASSERT_EQ(host.websockets.size(), 1U);
    const WebSocketRoute& route = host.websockets[0].second;
    EXPECT_EQ(route.path, "/mqtt");
    EXPECT_EQ(route.subprotocol, "mqtt");
    EXPECT_EQ(route.mode, WebSocketMode::byte_stream);
    EXPECT_FALSE(route.text);
    EXPECT_EQ(route.origins, std::vector<std::string>{"https://app.example"});
    const auto factory = [&route](Stream& stream) { return route.factory(stream, HttpRequest{}); };
    EXPECT_EQ(answer(factory, connect), "2009000006" "22000A" "210014");
    EXPECT_EQ(made->endpoints(host)[0].address, "mqtt+ws://127.0.0.1:8080/mqtt");
}

TEST(MqttListener, AnnouncesLimitsThatSomebodyChose) {
    test::FakeHost host;
    Limits limits;
    limits.packet = 1'024;
    listener("{address: \"127.0.0.1:1883\", max_keep_alive: 5s}", limits)->open(host);
    EXPECT_EQ(answer(host.streams[0].second, connect), "2011000" "00E" "22000A" "210014" "2700000400" "130005");
}

TEST(MqttListener, TakesTheOptionsOfSessions) {
    test::FakeHost host;
    listener("{address: \"127.0.0.1:1883\", max_session_expiry: 5s, receive_maximum: 7, response_prefix: r/}")->open(host);
    constexpr std::string_view asking = "10 15 0004 4D515454 05 02 000A 07 1901 110000000A 0001 70";
    EXPECT_EQ(answer(host.streams[0].second, asking), "20140000" "11" "22000A" "210007" "1100000005" "1A0003722F70");
}

TEST(MqttListener, SendsClientsToTheServerThatItNames) {
    test::FakeHost host;
    listener("{address: \"127.0.0.1:1883\", server_reference: b, server_moved: true}")->open(host);
    EXPECT_EQ(answer(host.streams[0].second, connect), "2007009D" "04" "1C000162");
    EXPECT_THROW(listener("{address: \"127.0.0.1:1883\", server_moved: true}"), SetupError);
}

TEST(MqttListener, RefusesAResponsePrefixThatIsNoBeginningOfATopic) {
    for (const char* wrong : {"\"#\"", "a/+/", "$SYS/"})
        EXPECT_THROW(listener("{address: \"127.0.0.1:1883\", response_prefix: " + std::string(wrong) + "}"), SetupError) << wrong;
}

TEST(MqttListener, RefusesAPathThatIsNone) {
    EXPECT_THROW(listener("{address: \"127.0.0.1:8080\", path: mqtt}"), SetupError);
}

TEST(MqttDescriptor, OffersDefaultsThatItsOwnSchemaTakes) {
    const Descriptor offer = descriptor();
    EXPECT_EQ(offer.name, "mqtt");
    EXPECT_EQ(offer.defaults.size(), 2U);
    for (const std::string& entry : offer.defaults) EXPECT_NE(listener(entry), nullptr);
    for (const char* scheme : {"mqtt", "mqtts", "mqtt+ws", "mqtt+wss"}) EXPECT_TRUE(offer.clients.contains(scheme)) << scheme;
}

}  // namespace
}  // namespace junctor::mqtt
