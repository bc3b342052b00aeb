#include "connectors/zeromq/listener.hpp"

#include <gtest/gtest.h>

#include <zmq.hpp>

#include "core/config/load.hpp"
#include "core/ports/descriptor.hpp"
#include "tests/unit/connectors/zeromq/poll_host.hpp"
#include "tests/unit/connectors/zeromq/small_core.hpp"

namespace junctor::zeromq {

Descriptor descriptor();

namespace {

config::Section section(std::string_view text) { return config::load_text(text, descriptor().fields, {"test.yaml", {}}); }

std::string refusal(std::string_view text) {
    try {
        listener_settings("zeromq", section(text), Limits{});
    } catch (const SetupError& error) {
        return error.what();
    }
    return {};
}

TEST(ZeromqListener, DefaultsServeAllThreeDoors) {
    const ListenerSettings settings = listener_settings("zeromq", section(descriptor().defaults.at(0)), Limits{});
    EXPECT_EQ(settings.publish->text(), "127.0.0.1:5556");
    EXPECT_EQ(settings.subscribe->text(), "127.0.0.1:5555");
    EXPECT_EQ(settings.request->text(), "127.0.0.1:5557");
    EXPECT_EQ(settings.socket.largest_frame, Limits{}.packet);
    EXPECT_EQ(ZeromqListener(settings).addresses().size(), 3U);
}

/// THREATS 31: what other machines reach is encrypted, or does not start.
TEST(ZeromqListener, RefusesWhatOtherMachinesReach) {
    EXPECT_NE(refusal("{publish: \"0.0.0.0:5556\"}").find("CURVE"), std::string::npos);
    EXPECT_NE(refusal("{request: \"192.0.2.1:5557\"}").find("test.yaml:1:"), std::string::npos);
    EXPECT_EQ(refusal("{request: \"127.0.0.1:5557\"}"), "");
    EXPECT_NE(refusal("{heartbeat: 5s}"), "");
}

class ZeromqListenerOpen : public ::testing::Test {
protected:
    static ListenerSettings any_port() {
        ListenerSettings settings;
        settings.name = "zeromq";
        settings.publish = settings.subscribe = settings.request = Address{"127.0.0.1", 0};
        return settings;
    }

    test::SmallCore small;
    test::PollHost host{small.core};
};

TEST_F(ZeromqListenerOpen, OpensItsDoorsOnTheCoreAndClosesThem) {
    ZeromqListener listener(any_port());
    listener.listen(host);
    const auto rows = listener.endpoints(host);
    ASSERT_EQ(rows.size(), 3U);
    for (const auto& row : rows) EXPECT_EQ(row.address.find(":0 "), std::string::npos);
    zmq::context_t clients;
    zmq::socket_t dealer(clients, zmq::socket_type::dealer);
    dealer.set(zmq::sockopt::linger, 0);
    dealer.connect("tcp" + rows[2].address.substr(3, rows[2].address.find(' ') - 3));
    dealer.send(zmq::str_buffer("ping"));
    EXPECT_TRUE(host.run_until([&] { return small.gate.open_sessions.size() == 1; }));
    listener.drain();
    EXPECT_TRUE(host.run_until([&] { return small.gate.open_sessions.empty(); }));
    host.run_once(0);
}

TEST_F(ZeromqListenerOpen, AnAddressInUseIsAnErrorThatNamesIt) {
    ListenerSettings settings = any_port();
    settings.subscribe = settings.request = std::nullopt;
    ZeromqListener first(settings);
    first.listen(host);
    const std::string taken = first.endpoints(host).at(0).address;
    const std::string address = taken.substr(6, taken.find(' ') - 6);
    settings.publish = Address::parse(address).value();
    ZeromqListener second(settings);
    try {
        second.listen(host);
        FAIL() << "opened twice";
    } catch (const SetupError& error) {
        EXPECT_NE(std::string(error.what()).find(address), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("unit_zeromq"), std::string::npos) << error.what();
    }
    first.drain();
    host.run_once(0);
}

}  // namespace
}  // namespace junctor::zeromq
