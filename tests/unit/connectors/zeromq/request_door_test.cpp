#include "connectors/zeromq/request_door.hpp"

#include <poll.h>

#include "tests/support/fake_queue_share.hpp"
#include "tests/unit/connectors/zeromq/doors.hpp"

namespace junctor::zeromq {
namespace {

class ZeromqRequestDoor : public DoorTest<RequestDoor> {
protected:
    Message ask(TestSocket& socket, const Message& frames) {
        socket.received.clear();
        socket.send(frames);
        EXPECT_TRUE(run_until_received(socket, 1));
        return socket.received.empty() ? Message{} : socket.received[0];
    }
};

TEST_F(ZeromqRequestDoor, DealerAndReqAreAnsweredInTheirForm) {
    auto dealer = connect(zmq::socket_type::dealer);
    auto req = connect(zmq::socket_type::req);
    EXPECT_EQ(ask(*dealer, {"publish", "1", "a/b", "x"}), (Message{"ack", "1", "a/b", "", ""}));
    EXPECT_EQ(ask(*req, {"publish", "1", "a/b", "x"}), (Message{"ack", "1", "a/b", "", ""}));
    EXPECT_EQ(ask(*req, {"what"})[0], "error");
    EXPECT_EQ(small.gate.published.size(), 2U);
    EXPECT_EQ(small.gate.open_sessions.size(), 2U);
    EXPECT_EQ(small.gate.credentials[0].peer, "127.0.0.1");
}

// libzmq tells by the descriptor once, and looks at what it told by while it sends, though not twice in a millisecond.
TEST_F(ZeromqRequestDoor, WhoAsksToComeInWhileAnotherIsAnsweredIsHeard) {
    small.gate.hold_authentication = true;
    auto one = connect(zmq::socket_type::dealer);
    ASSERT_TRUE(run_until([&] { return small.gate.credentials.size() == 1; }));
    auto two = connect(zmq::socket_type::dealer);
    ASSERT_TRUE(host.last_becomes_readable(60'000)) << "the question is there";
    ::poll(nullptr, 0, 5);
    small.gate.release();
    for (int tries = 0; tries < 100 && small.gate.credentials.size() < 2; ++tries) host.run_once(100);
    EXPECT_EQ(small.gate.credentials.size(), 2U) << "before libzmq gives the connection up after 30 s, and asks again";
}

TEST_F(ZeromqRequestDoor, APeerWithARoutingIdHasThatName) {
    auto named = std::make_unique<TestSocket>(clients, zmq::socket_type::dealer, door->bound(), "worker-1");
    auto unnamed = connect(zmq::socket_type::dealer);
    auto binary = std::make_unique<TestSocket>(clients, zmq::socket_type::dealer, door->bound(), "a/b");
    for (TestSocket* socket : {named.get(), unnamed.get(), binary.get()}) ask(*socket, {"ping", "1"});
    ASSERT_EQ(small.gate.open_sessions.size(), 3U);
    EXPECT_EQ(small.gate.open_sessions[0]->name(), "worker-1");
    EXPECT_EQ(small.gate.open_sessions[1]->name(), "");
    EXPECT_EQ(small.gate.open_sessions[2]->name(), "") << "no topic level";
}

TEST_F(ZeromqRequestDoor, AReturningPeerOpensItsSessionAgain) {
    auto first = std::make_unique<TestSocket>(clients, zmq::socket_type::dealer, door->bound(), "worker-1");
    EXPECT_EQ(ask(*first, {"session", "1", "desk"})[0], "ack");
    auto second = std::make_unique<TestSocket>(clients, zmq::socket_type::dealer, door->bound(), "worker-1");
    EXPECT_EQ(ask(*second, {"session", "1", "desk"})[0], "ack");
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
}

TEST_F(ZeromqRequestDoor, EveryPeerHasItsOwnSubscriptions) {
    auto one = connect(zmq::socket_type::dealer);
    auto two = connect(zmq::socket_type::dealer);
    ask(*one, {"subscribe", "1", "a/#"});
    ask(*two, {"subscribe", "1", "b/#"});
    small.gate.inject("a/x", "for one");
    small.gate.inject("b/x", "for two");
    ASSERT_TRUE(run_until_received(*one, 2) && run_until_received(*two, 2));
    EXPECT_EQ(one->received[1], (Message{"message", "", "a/x", "for one", ""}));
    EXPECT_EQ(two->received[1], (Message{"message", "", "b/x", "for two", ""}));
}

TEST_F(ZeromqRequestDoor, LargeBinaryBodiesCrossWhole) {
    auto dealer = connect(zmq::socket_type::dealer);
    ask(*dealer, {"subscribe", "1", "#"});
    std::string body(1 << 20, '\0');
    for (std::size_t at = 0; at < body.size(); ++at) body[at] = static_cast<char>(at * 31);
    dealer->send({"publish", "", "a", body});
    ASSERT_TRUE(run_until_received(*dealer, 2));
    EXPECT_EQ(dealer->received[1][3], body);
}

TEST_F(ZeromqRequestDoor, ABurstLargerThanLibzmqsQueueArrivesWholeAndInOrder) {
    auto dealer = connect(zmq::socket_type::dealer);
    ask(*dealer, {"subscribe", "1", "#"});
    for (int number = 0; number < 5'000; ++number) small.gate.inject("a", std::to_string(number));
    ASSERT_TRUE(run_until([&] {
        while (dealer->receive()) {}
        small.advance(std::chrono::milliseconds(1));
        return dealer->received.size() == 5'001;
    }));
    for (std::size_t number = 0; number < 5'000; ++number) ASSERT_EQ(dealer->received[number + 1][3], std::to_string(number));
}

/// libzmq bounds what it keeps in messages, of whatever size.
TEST_F(ZeromqRequestDoor, WhatWaitsForAPeerThatDoesNotReadIsCountedBeyondAFewBytes) {
    const std::string large(64 << 10, 'x');
    auto peer = connect(zmq::socket_type::dealer);
    peer->native().set(zmq::sockopt::rcvhwm, 1);
    peer->send({"subscribe", "1", "a"});
    ASSERT_TRUE(run_until_received(*peer, 1));
    const Ref<test::FakeQueueShare> share(new test::FakeQueueShare(1 << 30));
    small.gate.open_sessions.at(0)->charge(Ref<QueueShare>(share));
    std::size_t sent = 0;
    // The kernel, and the client's own libzmq, take what they take.
    const auto settled = [&] {
        const std::int64_t before = share->used;
        for (int turn = 0; turn < 50; ++turn) {
            small.advance(std::chrono::milliseconds(20));
            host.run_once(1);
        }
        return before == share->used && before > 0;
    };
    ASSERT_TRUE(run_until([&] {
        for (int number = 0; number < 10; ++number, ++sent) small.gate.inject("a", large);
        return settled();
    }));
    const std::int64_t counted = share->used;
    for (int number = 0; number < 20; ++number, ++sent) small.gate.inject("a", large);
    EXPECT_GE(share->used - counted, static_cast<std::int64_t>(20 * large.size())) << "libzmq takes no more";
    EXPECT_TRUE(run_until([&] {
        small.advance(TimerWheel::tick);
        while (peer->receive()) peer->received.back().resize(1);
        return peer->received.size() == sent + 1 && share->used == 0;
    })) << peer->received.size() << " of " << sent << " came, " << share->used << " bytes wait";
}

TEST_F(ZeromqRequestDoor, APeerThatVanishedLosesItsSession) {
    auto dealer = connect(zmq::socket_type::dealer);
    ask(*dealer, {"subscribe", "1", "#"});
    dealer.reset();
    ASSERT_TRUE(run_until([&] { return small.gate.open_sessions.empty(); }));
    EXPECT_EQ(small.gate.closed, std::vector<CloseReason>{CloseReason::connection_lost});
}

TEST_F(ZeromqRequestDoor, APeerThatComesBackUnderItsNameIsNotMistakenForItsOldConnection) {
    const auto named = [&] {
        auto socket = std::make_unique<TestSocket>(clients, zmq::socket_type::dealer, door->bound(), "me");
        return socket;
    };
    auto first = named();
    ask(*first, {"subscribe", "1", "a"});
    auto second = named();
    ask(*second, {"subscribe", "1", "b"});
    first.reset();
    for (int round = 0; round < 20; ++round) host.run_once(5);
    small.gate.inject("b", "x");
    EXPECT_TRUE(run_until_received(*second, 2));
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
}

TEST_F(ZeromqRequestDoor, PeersThatComeAndGoLeaveTheOthersAlone) {
    auto stays = connect(zmq::socket_type::dealer);
    ask(*stays, {"subscribe", "1", "#"});
    for (int round = 0; round < 50; ++round) {
        auto visitor = connect(zmq::socket_type::req);
        ask(*visitor, {"ping", "1"});
    }
    ASSERT_TRUE(run_until([&] { return small.gate.open_sessions.size() == 1; }));
    small.gate.inject("a", "x");
    EXPECT_TRUE(run_until_received(*stays, 2));
    EXPECT_EQ(small.gate.closed.size(), 50U);
}

TEST_F(ZeromqRequestDoor, SilentPeersWithoutSubscriptionsAreForgottenAndComeBack) {
    auto dealer = connect(zmq::socket_type::dealer);
    ask(*dealer, {"ping", "1"});
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
    ASSERT_TRUE(run_until([&] {
        small.advance(std::chrono::minutes(6));
        return small.gate.open_sessions.empty();
    }));
    EXPECT_EQ(ask(*dealer, {"ping", "2"})[1], "2");
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
}

TEST_F(ZeromqRequestDoor, PeersAboveTheLimitAreTurnedAway) {
    small.limits.connections = 1;
    auto one = connect(zmq::socket_type::dealer);
    auto two = connect(zmq::socket_type::dealer);
    ask(*one, {"ping", "1"});
    EXPECT_EQ(ask(*two, {"ping", "1"})[3], "overloaded");
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
}

TEST_F(ZeromqRequestDoor, PeersThatAreNotLetInHearWhy) {
    auto dealer = connect(zmq::socket_type::dealer);
    small.gate.open_code = Errc::quota_exceeded;
    EXPECT_EQ(ask(*dealer, {"ping", "1"})[3], "quota_exceeded");
    EXPECT_TRUE(small.gate.open_sessions.empty());
}

// What an authorizer elsewhere says of `connect`.
TEST_F(ZeromqRequestDoor, NothingHappensBeforeItMayConnect) {
    small.gate.hold_connect = true;
    auto dealer = connect(zmq::socket_type::dealer);
    dealer->send({"publish", "1", "a", "x"});
    dealer->send({"subscribe", "2", "#"});
    ASSERT_TRUE(run_until([&] { return !small.gate.known_connects.empty(); }));
    small.gate.inject("a", "unheard");
    for (int round = 0; round < 20; ++round) host.run_once(1);
    EXPECT_FALSE(dealer->receive());
    EXPECT_TRUE(small.gate.open_sessions.empty());
    EXPECT_TRUE(small.gate.subscriptions.empty());
    small.gate.release();
    ASSERT_TRUE(run_until_received(*dealer, 2));
    EXPECT_EQ(dealer->received[0][1] + dealer->received[1][1], "12");
}

// A routing id says nothing about who somebody is; one who shows another token is somebody else until the policy has said more.
TEST_F(ZeromqRequestDoor, WhoShowsAnotherTokenGetsNoSessionOfTheOldOne) {
    int token = 0;
    small.gate.describe = [&](Principal& principal) { principal.attributes["token"] = std::to_string(++token); };
    auto first = std::make_unique<TestSocket>(clients, zmq::socket_type::dealer, door->bound(), "worker");
    ask(*first, {"ping", "1"});
    auto second = std::make_unique<TestSocket>(clients, zmq::socket_type::dealer, door->bound(), "worker");
    ask(*second, {"ping", "1"});
    ASSERT_EQ(small.gate.open_sessions.size(), 1U);
    EXPECT_EQ(small.gate.open_sessions[0]->principal()->attributes.at("token"), "2");
}

TEST_F(ZeromqRequestDoor, WhoHasADurableSessionsNameHearsHowItIsOpened) {
    auto dealer = std::make_unique<TestSocket>(clients, zmq::socket_type::dealer, door->bound(), "desk");
    small.gate.open_code = Errc::name_kept;
    EXPECT_EQ(ask(*dealer, {"ping", "1"})[3], "name_kept");
    EXPECT_NE(dealer->received[0][4].find("`session` opens it"), std::string::npos);
}

TEST_F(ZeromqRequestDoor, PeersHearThatTheGatewayDrains) {
    auto dealer = connect(zmq::socket_type::dealer);
    ask(*dealer, {"ping", "1"});
    door->drain();
    ASSERT_TRUE(run_until_received(*dealer, 2));
    EXPECT_EQ(dealer->received[1][3], "server_shutdown");
    EXPECT_TRUE(small.gate.open_sessions.empty());
}

TEST_F(ZeromqRequestDoor, IsAtRestWhenNothingHappens) {
    auto dealer = connect(zmq::socket_type::dealer);
    ask(*dealer, {"subscribe", "1", "#"});
    for (int round = 0; round < 20; ++round) host.run_once(1);
    EXPECT_EQ(host.run_once(0), 0U);
}

}  // namespace
}  // namespace junctor::zeromq
