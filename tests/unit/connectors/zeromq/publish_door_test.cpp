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
        publisher->send({"back", "x"});
        return !published().empty();
    }));
    EXPECT_EQ(small.gate.credentials.size(), 2U);
}

TEST_F(ZeromqPublishDoor, NothingComesInBeforeItIsKnownWhoItIs) {
    small.gate.hold_authentication = true;
    const auto publisher = connect(zmq::socket_type::pub);
    ASSERT_TRUE(run_until([&] { return !small.gate.credentials.empty(); }));
    for (int round = 0; round < 20; ++round) {
        publisher->send({"early", "x"});
        host.run_once(1);
    }
    EXPECT_TRUE(small.gate.known_connects.empty());
    EXPECT_TRUE(published().empty());
    small.gate.release();
    settle(*publisher);
}

// What an authorizer elsewhere says of `connect`.
TEST_F(ZeromqPublishDoor, WhatComesBeforeItMayConnectWaitsInOrder) {
    small.gate.hold_connect = true;
    const auto publisher = connect(zmq::socket_type::pub);
    ASSERT_TRUE(run_until([&] {
        publisher->send({"early", "0"});
        return !small.gate.known_connects.empty();
    }));
    publisher->send({"early", "1"});
    publisher->send({"early", "2", R"({"content_type":"text/plain"})"});
    for (int round = 0; round < 20; ++round) host.run_once(1);
    EXPECT_TRUE(published().empty());
    EXPECT_TRUE(small.gate.open_sessions.empty());
    EXPECT_EQ(small.gate.known_connects.size(), 1U) << "asked once";
    small.gate.release();
    ASSERT_TRUE(run_until([&] { return published().size() >= 3; }));
    EXPECT_EQ(published().back().payload, "2");
    EXPECT_EQ(published().back().envelope->extras()->content_type, "text/plain");
    publisher->send({"later", "3"});
    ASSERT_TRUE(run_until([&] { return published().back().payload == "3"; }));
}

TEST_F(ZeromqPublishDoor, WhoMayNotConnectPublishesNothing) {
    small.gate.hold_connect = true;
    const auto publisher = connect(zmq::socket_type::pub);
    ASSERT_TRUE(run_until([&] {
        publisher->send({"early", "x"});
        return !small.gate.known_connects.empty();
    }));
    small.gate.open_code = Errc::denied;
    small.gate.release();
    ASSERT_TRUE(run_until([&] {
        publisher->send({"early", "x"});
        return small.gate.known_connects.size() > 1;
    })) << "it is asked again when it speaks again";
    small.gate.hold_connect = false;
    small.gate.release();
    for (int round = 0; round < 20; ++round) host.run_once(1);
    EXPECT_TRUE(published().empty());
    EXPECT_TRUE(small.gate.open_sessions.empty());
}

TEST_F(ZeromqPublishDoor, NoMoreThanTheLimitWaits) {
    small.limits.outbound_queue = 10'000;
    small.gate.hold_connect = true;
    const auto publisher = connect(zmq::socket_type::pub);
    ASSERT_TRUE(run_until([&] {
        publisher->send({"early", ""});
        return !small.gate.known_connects.empty();
    }));
    for (int number = 0; number < 100; ++number) publisher->send({"a", std::string(1'000, 'x')});
    const auto overloaded = [&] { return metric_total("junctor_zeromq_dropped_total", {&small.metrics}); };
    ASSERT_TRUE(run_until([&] { return overloaded() > 80; }));
    small.gate.release();
    ASSERT_TRUE(run_until([&] { return !published().empty(); }));
    EXPECT_LT(published().size(), 100U);
}

TEST_F(ZeromqPublishDoor, WhoShowsAnotherTokenIsAnotherSession) {
    int token = 0;
    small.gate.describe = [&](Principal& principal) { principal.attributes["token"] = std::to_string(++token); };
    const auto one = connect(zmq::socket_type::pub);
    settle(*one);
    const auto other = connect(zmq::socket_type::pub);
    settle(*other);
    EXPECT_EQ(small.gate.open_sessions.size(), 2U) << "each lasts as long as its own";
}

TEST_F(ZeromqPublishDoor, WhoLosesItsSessionIsCutOffAndNobodyElse) {
    int token = 0;
    small.gate.describe = [&](Principal& principal) { principal.attributes["token"] = std::to_string(++token); };
    const auto one = connect(zmq::socket_type::pub), other = connect(zmq::socket_type::pub);
    settle(*one);
    settle(*other);
    ASSERT_EQ(small.gate.credentials.size(), 2U);
    small.gate.hold_authentication = true;
    small.gate.open_sessions.at(0)->close(CloseReason::not_authorized, "the credentials have expired");
    ASSERT_TRUE(run_until([&] { return small.gate.credentials.size() == 3; })) << "it comes back and is asked who it is";
    published().clear();
    one->send({"one", "x"});
    other->send({"other", "x"});
    ASSERT_TRUE(run_until([&] { return !published().empty(); }));
    EXPECT_EQ(published()[0].topic, "other");
    EXPECT_EQ(small.gate.credentials.size(), 3U);
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
}

TEST_F(ZeromqPublishDoor, IsAtRestWhenNothingHappens) {
    const auto publisher = connect(zmq::socket_type::pub);
    settle(*publisher);
    for (int round = 0; round < 20; ++round) host.run_once(1);
    EXPECT_EQ(host.run_once(0), 0U);
}

}  // namespace
}  // namespace junctor::zeromq
