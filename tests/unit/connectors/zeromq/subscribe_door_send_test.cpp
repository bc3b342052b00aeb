#include "connectors/zeromq/subscribe_door.hpp"

#include "tests/support/fake_queue_share.hpp"
#include "tests/unit/connectors/zeromq/subscribe_door_fixture.hpp"

// What waits at the door, and who is not waited for.

namespace junctor::zeromq {
namespace {

using ZeromqSubscribeDoorSend = SubscribeDoorFixture;

TEST_F(ZeromqSubscribeDoorSend, ABurstLargerThanLibzmqsQueueArrivesWhole) {
    auto subscriber = connect(zmq::socket_type::sub);
    subscribe(*subscriber, "a");
    for (int number = 0; number < 10'000; ++number) small.gate.inject("a", std::to_string(number));
    ASSERT_TRUE(run_until([&] {
        while (subscriber->receive()) {}
        small.advance(std::chrono::milliseconds(1));
        return subscriber->received.size() == 10'000;
    }));
    for (std::size_t number = 0; number < 10'000; ++number) ASSERT_EQ(subscriber->received[number][1], std::to_string(number));
}

TEST_F(ZeromqSubscribeDoorSend, ASubscriberThatDoesNotReadHoldsNobodyUpForLong) {
    small.limits.outbound_queue = 256 << 20;  // so that libzmq's own limit is the one that counts
    auto stalled = connect(zmq::socket_type::sub);
    stalled->native().set(zmq::sockopt::rcvhwm, 1);
    auto reading = connect(zmq::socket_type::sub);
    stalled->subscribe("a");
    subscribe(*reading, "a");
    ASSERT_TRUE(run_until([&] {
        small.gate.inject("a", "probe");
        return stalled->receive();
    }));
    finish(*reading, "a");
    reading->received.clear();
    const std::string large(64 << 10, 'x');
    constexpr std::size_t count = 1'500;
    for (std::size_t number = 0; number < count; ++number) {
        small.gate.inject("a", large);
        host.run_once(0);
        while (reading->receive()) reading->received.back()[1].clear();
        if (number % 100 == 0) small.advance(std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(run_until([&] {
        small.advance(std::chrono::milliseconds(100));
        while (reading->receive()) reading->received.back()[1].clear();
        return reading->received.size() == count;
    }));
    const Counter went_on = counter("junctor_zeromq_stalled_total", "Times that messages went on without a subscriber that does not read");
    EXPECT_GE(small.metrics.read(went_on.cell), 1) << "it is counted";
}

// DESIGN 7.10: libzmq counts messages, we count bytes.
TEST_F(ZeromqSubscribeDoorSend, ASubscriberThatDoesNotReadCostsNoMoreBytesThanTheLimit) {
    static const Counter slow = counter("junctor_zeromq_slow_subscribers_total", "SUB sockets that did not read and whose connection was ended");
    small.limits.outbound_queue = 4 << 20;
    const std::string large(256 << 10, 'x');
    const auto made = raw_subscriber();
    RawSubscriber& silent = *made;
    silent.subscribe("a");
    auto reader = connect(zmq::socket_type::sub);
    subscribe(*reader, "a");
    std::size_t sent = 0;
    ASSERT_TRUE(run_until([&] {
        small.gate.inject("a", large);
        ++sent;
        EXPECT_LE(door->unsent(), small.limits.outbound_queue + large.size());
        small.advance(std::chrono::milliseconds(50));
        while (reader->receive()) {}
        return small.metrics.read(slow.cell) > 0 && reader->received.size() > 40;
    })) << sent << " sent, " << reader->received.size() << " received";
    EXPECT_TRUE(run_until([&] {
        small.gate.inject("a", "end");
        while (reader->receive()) {}
        return reader->received.back()[1] == "end";
    })) << "the others go on";
}

TEST_F(ZeromqSubscribeDoorSend, WhatWaitsCountsForWhoIsConnectedAndEndsWhereThatMayHaveNoMore) {
    static const Counter slow = counter("junctor_zeromq_slow_subscribers_total", "SUB sockets that did not read and whose connection was ended");
    const std::string large(64 << 10, 'x');
    const auto made = raw_subscriber();
    made->subscribe("a");
    auto reader = connect(zmq::socket_type::sub);
    subscribe(*reader, "a");
    const Ref<test::FakeQueueShare> share(new test::FakeQueueShare(1 << 20));
    small.gate.open_sessions.at(0)->charge(Ref<QueueShare>(share));
    std::size_t sent = 0;
    std::int64_t most = 0;
    ASSERT_TRUE(run_until([&] {
        small.gate.inject("a", large);
        ++sent;
        most = std::max(most, share->used);
        small.advance(std::chrono::milliseconds(20));
        while (reader->receive()) {}
        return small.metrics.read(slow.cell) > 0;
    })) << sent << " sent, " << share->used << " counted";
    EXPECT_GT(share->excesses, 0);
    EXPECT_LE(most, (1 << 20) + 2 * static_cast<std::int64_t>(large.size())) << "the message that brought it there, and one that goes past those who are full";
    EXPECT_TRUE(run_until([&] {
        small.gate.inject("a", "end");
        small.advance(std::chrono::milliseconds(20));
        while (reader->receive()) {}
        return reader->received.back()[1] == "end" && share->used == 0;
    })) << "the others go on, and nothing is counted any more: " << share->used;
}

// libzmq would send to all whose prefixes match.
TEST_F(ZeromqSubscribeDoorSend, WhoMayNotHaveAMessageIsCutOffBeforeItGoes) {
    const auto [one, other] = two_vouched_for_apart("a/");
    Session* const excluded = small.gate.open_sessions[0];
    std::erase_if(small.gate.subscriptions, [&](const auto& each) { return each.session == excluded; });
    small.gate.inject("a/secret", "for the other");
    ASSERT_TRUE(run_until([&] {
        while (other->receive()) {}
        return !other->received.empty();
    })) << "it is not lost to those who may have it";
    EXPECT_EQ(other->received.back()[1], "for the other");
    ASSERT_TRUE(run_until([&] {
        one->receive();
        return small.gate.credentials.size() == 3;
    }));
    EXPECT_TRUE(one->received.empty());
}

// Somebody elsewhere judges each delivery: until he has said for whom, nobody gets it, nor what is behind it.
TEST_F(ZeromqSubscribeDoorSend, AMessageWaitsForAllWhoWouldGetIt) {
    const auto [one, other] = two_vouched_for_apart("a/");
    Session& waits = *small.gate.open_sessions[0];
    const auto subscription = small.gate.subscriptions[0];
    ASSERT_EQ(subscription.session, &waits);
    const auto publish_without_it = [&](const std::string& text) {
        std::erase_if(small.gate.subscriptions, [&](const auto& each) { return each.session == &waits; });
        small.gate.inject("a/b", text);
        small.gate.subscriptions.push_back(subscription);
        waits.withheld(small.gate.published.back().envelope);
        return small.gate.published.back().envelope;
    };
    publish_without_it("1");
    const EnvelopePtr second = publish_without_it("2");
    publish_without_it("3");
    for (int round = 0; round < 20; ++round) host.run_once(1);
    const auto got = [](TestSocket& socket) {
        while (socket.receive()) {}
        return std::ranges::count_if(socket.received, [](const Message& each) { return each[0] == "a/b"; });
    };
    EXPECT_EQ(got(*one) + got(*other), 0);
    Template encoded;
    waits.encode(*second, waits.variant({}), encoded);
    waits.deliver({second, encoded, Qos::at_most_once, false, {}});  // so it is not to have the first one
    waits.withheld(nullptr);
    ASSERT_TRUE(run_until([&] { return got(*other) == 3; }));
    ASSERT_TRUE(run_until([&] {
        one->receive();
        return small.gate.credentials.size() == 3;
    })) << "cut off before the first one went";
    EXPECT_EQ(got(*one), 0);
}

}  // namespace
}  // namespace junctor::zeromq
