#include "connectors/zeromq/publish_door.hpp"

#include "tests/unit/connectors/zeromq/doors.hpp"

namespace junctor::zeromq {
namespace {

class ZeromqPublishDoor : public DoorTest<PublishDoor> {
protected:
    std::vector<test::SmallGate::Published>& published() { return small.gate.published; }

    /// PUB drops what it sends before the connection stands: asks until an answer shows that it does.
    void settle(TestSocket& publisher) {
        ASSERT_TRUE(run_until([&] {
            publisher.send({"settle", ""});
            return !published().empty();
        }));
        publisher.send({"settled", ""});
        ASSERT_TRUE(run_until([&] { return published().back().topic == "settled"; }));
        published().clear();
    }
};

TEST_F(ZeromqPublishDoor, PublishesWholeMessagesInOrder) {
    const auto publisher = connect(zmq::socket_type::pub);
    settle(*publisher);
    for (int number = 0; number < 10'000; ++number) publisher->send({"a/b", std::to_string(number)});
    ASSERT_TRUE(run_until([&] { return published().size() == 10'000; }));
    for (std::size_t number = 0; number < 10'000; ++number) ASSERT_EQ(published()[number].payload, std::to_string(number));
}

TEST_F(ZeromqPublishDoor, BinaryBodiesAndHeadersArriveAsSent) {
    const auto publisher = connect(zmq::socket_type::pub);
    settle(*publisher);
    std::string body(64 << 10, '\0');
    for (std::size_t at = 0; at < body.size(); ++at) body[at] = static_cast<char>(at * 7);
    publisher->send({"a/b", body, R"({"content_type":"application/octet-stream"})"});
    ASSERT_TRUE(run_until([&] { return !published().empty(); }));
    EXPECT_EQ(published()[0].payload, body);
    EXPECT_EQ(published()[0].envelope->extras()->content_type, "application/octet-stream");
}

TEST_F(ZeromqPublishDoor, WhatIsNoMessageIsDroppedAndTheRestGoesOn) {
    const auto publisher = connect(zmq::socket_type::pub);
    settle(*publisher);
    publisher->send({"a/#", "x"});
    publisher->send({"", "x"});
    publisher->send({"a", "x", "no json"});
    publisher->send({"a", "x", "{}", "one too many"});
    publisher->send({"a", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"});
    publisher->send({"good", "x"});
    ASSERT_TRUE(run_until([&] { return !published().empty(); }));
    EXPECT_EQ(published().size(), 1U);
    EXPECT_EQ(published()[0].topic, "good");
}

TEST_F(ZeromqPublishDoor, EndsItsSessionsWhenTheGatewayDrains) {
    const auto publisher = connect(zmq::socket_type::pub);
    settle(*publisher);
    ASSERT_EQ(small.gate.open_sessions.size(), 1U);
    EXPECT_TRUE(small.gate.credentials[0].loopback);
    EXPECT_EQ(small.gate.credentials[0].connector, "zeromq");
    door->drain();
    host.run_once(0);
    EXPECT_EQ(small.gate.closed, std::vector<CloseReason>{CloseReason::server_shutdown});
}

TEST_F(ZeromqPublishDoor, ASessionEndsWithTheLastConnectionOfItsUser) {
    auto one = connect(zmq::socket_type::pub), other = connect(zmq::socket_type::pub);
    settle(*one);
    settle(*other);
    EXPECT_EQ(small.gate.open_sessions.size(), 1U) << "both are the same user";
    one.reset();
    settle(*other);
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
    other.reset();
    EXPECT_TRUE(run_until([&] { return small.gate.open_sessions.empty(); }));
}

TEST_F(ZeromqPublishDoor, APublisherComesBackAfterARevocation) {
    const auto publisher = connect(zmq::socket_type::pub);
    settle(*publisher);
    small.gate.open_sessions.at(0)->close(CloseReason::administrative, "revoked");
    EXPECT_TRUE(small.gate.open_sessions.empty());
    ASSERT_TRUE(run_until([&] {
        small.advance(std::chrono::milliseconds(20));
        publisher->send({"back", "x"});
        return !published().empty();
    }));
    EXPECT_EQ(small.gate.credentials.size(), 2U);
}

TEST_F(ZeromqPublishDoor, IsAtRestWhenNothingHappens) {
    const auto publisher = connect(zmq::socket_type::pub);
    settle(*publisher);
    for (int round = 0; round < 20; ++round) host.run_once(1);
    EXPECT_EQ(host.run_once(0), 0U);
}

}  // namespace
}  // namespace junctor::zeromq
