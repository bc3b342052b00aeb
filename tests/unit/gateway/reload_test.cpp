// What a running gateway takes from a changed file, and that it takes all of it or nothing.
#include <gmock/gmock.h>

#include "core/base/setup_error.hpp"
#include "core/config/problems.hpp"
#include "tests/support/descriptor_shortage.hpp"
#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using test::BlockingSocket;
using test::configuration;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* handshake =
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

class ReloadTest : public test::ApplicationFixture {
protected:
    const Address web{"127.0.0.3", 0};

    static constexpr const char* rest = "  - {type: rest, address: \"127.0.0.3:0\"}\n";
    static constexpr const char* websocket = "  - {type: websocket, address: \"127.0.0.3:0\"}\n";

    void reload(const std::string& text) { application_->reload(configuration(text)); }

    /// Why the running gateway does not take it.
    std::string refusal(const std::string& text) {
        try {
            reload(text);
        } catch (const std::runtime_error& problem) {
            return problem.what();
        }
        return {};
    }

    bool mqtt_answers() { return ApplicationFixture::mqtt_answers(clients_.front()); }
};

TEST_F(ReloadTest, AConnectorIsAddedAndOneThatStaysKeepsItsConnections) {
    run(two_cores);
    ASSERT_EQ(mqtt_connect(), 0);
    reload(std::string(two_cores) + rest);
    EXPECT_THAT(get(web, "/v1/topics/a"), StartsWith("HTTP/1.1 404"));
    EXPECT_THAT(get(admin, "/v1/connectors"), HasSubstr("\"rest\""));
    EXPECT_TRUE(mqtt_answers());
    EXPECT_EQ(application_->table().size(), 3U);
}

TEST_F(ReloadTest, ARemovedConnectorSaysGoodbyeAndItsAddressIsClosed) {
    run(std::string(two_cores) + rest);
    const Address before = application_->bound(door);
    ASSERT_EQ(mqtt_connect(), 0);
    reload("cores: 2\nadmin: {address: \"127.0.0.1:0\"}\nconnectors:\n" + std::string(rest));
    EXPECT_EQ(clients_.front().read(100), "");
    EXPECT_FALSE(BlockingSocket(before).connected());
    EXPECT_THAT(get(web, "/v1/topics/a"), StartsWith("HTTP/1.1 404"));
}

TEST_F(ReloadTest, AChangedConnectorKeepsItsPort) {
    run(two_cores);
    const Address before = application_->bound(door);
    ASSERT_EQ(mqtt_connect(), 0);
    reload("cores: 2\nadmin: {address: \"127.0.0.1:0\"}\nconnectors:\n  - {type: mqtt, address: \"127.0.0.2:0\", max_keep_alive: 60s}\n");
    EXPECT_EQ(clients_.front().read(100), "");
    EXPECT_EQ(application_->bound(door), before);
    EXPECT_EQ(mqtt_connect(), 0);
}

TEST_F(ReloadTest, OnASharedAddressOnlyTheConnectionsOfWhoLeavesEnd) {
    run(std::string(two_cores) + rest + websocket);
    BlockingSocket events(application_->bound(web)), socket(application_->bound(web)), idle(application_->bound(web));
    events.send("GET /v1/topics/news HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
    EXPECT_THAT(events.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
    socket.send(handshake);
    EXPECT_THAT(socket.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101"));
    idle.send("GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(idle.read_until("}"), StartsWith("HTTP/1.1 426"));

    reload(std::string(two_cores) + rest);
    const std::string goodbye = socket.read_all();
    ASSERT_GE(goodbye.size(), 4U);
    EXPECT_EQ(goodbye.substr(goodbye.find('\x88') + 2, 2), "\x03\xe9") << "1001, going away";
    idle.send("GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(idle.read_until("}"), StartsWith("HTTP/1.1 404"));
    idle.send("POST /v1/topics/news HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_THAT(idle.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 2"));
    EXPECT_THAT(events.read_until("hello"), HasSubstr("hello"));
}

TEST_F(ReloadTest, NewLimitsHoldForConnectionsToComeAndLeaveTheOthersAlone) {
    run(std::string(two_cores) + rest);
    ASSERT_EQ(mqtt_connect(), 0);
    reload(std::string(two_cores) + rest + "limits: {packet: 1KiB}\n");
    BlockingSocket client(application_->bound(web));
    client.send("POST /v1/topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 413"));
    EXPECT_TRUE(mqtt_answers());
}

TEST_F(ReloadTest, TheAdminApiMovesAndTakesNewHostNames) {
    run(two_cores);
    reload("cores: 2\nadmin: {address: \"127.0.0.1:0\", hosts: [gateway.example]}\nconnectors:\n  - {type: mqtt, address: \"127.0.0.2:0\"}\n");
    EXPECT_THAT(get(admin, "/healthz", "gateway.example"), StartsWith("HTTP/1.1 200"));
    const Address before = application_->bound(admin);
    reload("cores: 2\nadmin: {address: \"127.0.0.4:0\"}\nconnectors:\n  - {type: mqtt, address: \"127.0.0.2:0\"}\n");
    EXPECT_FALSE(BlockingSocket(before).connected());
    EXPECT_THAT(get({"127.0.0.4", 0}, "/readyz"), HasSubstr("running"));
}

TEST_F(ReloadTest, WhatNeedsARestartIsRefusedWholeWithItsPlace) {
    run(two_cores);
    EXPECT_THAT(refusal("admin: {address: \"127.0.0.1:0\"}\ncores: 1\npolicy: {authenticators: [], authorizers: []}\n"),
                HasSubstr(":2:8: 'cores' changed from 2 to 1, which needs a restart"));
    EXPECT_EQ(mqtt_connect(), 0);
}

TEST_F(ReloadTest, WhatIsOnlyWrongTogetherIsToldTogetherAndChangesNothing) {
    run(two_cores);
    ASSERT_EQ(mqtt_connect(), 0);
    const std::string said = refusal(std::string(two_cores) + rest + rest +
                                     "  - {type: mqtt, name: open, address: \"127.0.0.2:0\"}\n"
                                     "policy: {authenticators: [], authorizers: []}\n");
    EXPECT_THAT(said, HasSubstr(":6:5: connector 'rest-2' wants"));
    EXPECT_THAT(said, HasSubstr(":7:5: connector 'open' wants the address 127.0.0.2:0, which belongs to connector 'mqtt' already"));
    EXPECT_TRUE(mqtt_answers());
    EXPECT_EQ(mqtt_connect(), 0);
    EXPECT_THAT(refusal(std::string(two_cores) + "  - {type: rest, address: \"0.0.0.0:0\"}\n"), HasSubstr(":5:5: connector 'rest' would listen"));
}

TEST_F(ReloadTest, AnAddressInUseKeepsTheOld) {
    run(two_cores);
    const std::string taken = application_->bound(admin).text();
    EXPECT_THAT(refusal(std::string(two_cores) + rest + "  - {type: mqtt, name: second, address: \"" + taken + "\"}\n"), HasSubstr(taken));
    EXPECT_EQ(application_->table().size(), 2U);
    EXPECT_EQ(mqtt_connect(), 0);
    reload(std::string(two_cores) + rest);
    EXPECT_THAT(get(web, "/v1/topics/a"), StartsWith("HTTP/1.1 404"));
}

TEST_F(ReloadTest, ZeroMqSocketsComeAndGoAndSayWhenTheyCannot) {
    run(two_cores);
    const std::string three = std::string(two_cores) + "  - {type: zeromq, publish: \"127.0.0.1:0\"}\n";
    reload(three);
    const std::vector<StartRow> rows = application_->table();
    ASSERT_EQ(rows.size(), 3U);
    const std::string url = rows[1].address.substr(6, rows[1].address.find(' ') - 6);
    const Address publish = Address::parse(url).value();
    EXPECT_TRUE(BlockingSocket(publish).connected());
    EXPECT_THAT(refusal(three + "limits: {packet: 1MiB}\n"), HasSubstr("sockets of its own"));
    EXPECT_EQ(refusal(three + "limits: {headers: 7}\n"), "");
    BlockingSocket peer(publish);
    reload(two_cores);
    while (!peer.read(100).empty()) continue;
    EXPECT_EQ(application_->table().size(), 2U);
}

/// A backend that its server calls: nobody is there to be joined, so what is asked of it finds it not ready.
TEST_F(ReloadTest, WhereABackendIsCalledStaysWithEveryReload) {
    const Address called{"127.0.0.3", 0};
    const std::string backend = R"(
limits: {packet: 40KiB}
backend:
  type: matrix
  url: "http://127.0.0.1:1"
  token: own
  room: "#a:hs"
  listen: {address: "127.0.0.3:0", hs_token: canary, user: junctor-1}
)";
    run(std::string(two_cores) + backend);
    EXPECT_THAT(get(called, "/_matrix/app/v1/users/a"), StartsWith("HTTP/1.1 401"));
    reload(std::string(two_cores) + rest + backend);
    EXPECT_THAT(get(called, "/_matrix/app/v1/users/a"), StartsWith("HTTP/1.1 401"));
    EXPECT_THAT(get(called, "/v1/topics/a"), StartsWith("HTTP/1.1 404"));
}

// Threat class 12: a reload in a process that has no descriptors left.
TEST_F(ReloadTest, Threat12WithoutDescriptorsAReloadKeepsTheOld) {
    run(two_cores);
    ASSERT_EQ(mqtt_connect(), 0);
    EXPECT_TRUE(mqtt_answers());
    const Configuration next = configuration(std::string(two_cores) + rest + "policy: {authenticators: [], authorizers: []}\n");
    const Configuration again = next;
    for (const int left : {0, 1}) {
        const test::DescriptorShortage shortage(left);
        EXPECT_THROW(application_->reload(next), SetupError) << left;
        EXPECT_TRUE(mqtt_answers());
    }
    EXPECT_EQ(mqtt_connect(), 0) << "the old policy";
    EXPECT_EQ(application_->table().size(), 2U);
    application_->reload(again);
    EXPECT_EQ(mqtt_connect(), 5);
}

}  // namespace
}  // namespace junctor
