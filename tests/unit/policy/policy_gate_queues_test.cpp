// What waits for sleeping sessions, and its bounds, through the gate and without a store.

#include "tests/unit/policy/sleeper.hpp"

#include <gtest/gtest.h>

#include "core/routing/routing_metrics.hpp"
#include "policy/policy_gate.hpp"

namespace junctor {
namespace {

TEST(DurableSessions, DropTheOldestWhenTheQueueIsFull) {
    Limits limits;
    limits.offline_messages = 3;
    TestCluster cluster(1, 1, {}, limits);
    FakeClient watcher(cluster);
    watcher.subscribe("$SYS/dead-letters/#");
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos1);
    sleeper.client.reset();
    FakeClient publisher(cluster);
    for (const char* text : {"1", "2", "3", "4", "5"}) publisher.publish("a", text, qos1);
    EXPECT_EQ(watcher->payloads(), (Texts{"1", "2"}));
    EXPECT_EQ(watcher->deliveries[0].topic, "$SYS/dead-letters/sleeper");
    const std::vector<Header> headers = watcher->deliveries[0].envelope->extras()->headers;
    EXPECT_EQ(headers.at(0), (Header{"reason", "offline_queue_full"}));
    EXPECT_EQ(headers.at(1), (Header{"topic", "a"}));
    sleeper.connect();
    EXPECT_EQ(sleeper->payloads(), (Texts{"3", "4", "5"}));
}

TEST(DurableSessions, RefuseTheNewestWhenTheQueueIsFull) {
    Limits limits;
    limits.offline_queue = 500;
    limits.offline_overflow = Overflow::refuse_new;
    TestCluster cluster(1, 1, {}, limits);
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos1);
    sleeper.client.reset();
    FakeClient publisher(cluster);
    for (const char* text : {"1", "2", "3", "4", "5", "6", "7"}) publisher.publish("a", text, qos1);
    sleeper.connect();
    ASSERT_LT(sleeper->deliveries.size(), 7u);
    ASSERT_GT(sleeper->deliveries.size(), 1u);
    EXPECT_EQ(sleeper->payloads()[0], "1");
}

TEST(DurableSessions, KeepNoMoreThanTheGatewayStores) {
    Limits limits;
    limits.stored = 10'000;
    TestCluster cluster(1, 1, {}, limits);
    std::vector<std::unique_ptr<Sleeper>> sleepers;
    for (int i = 0; i < 10; ++i) {
        sleepers.push_back(std::make_unique<Sleeper>(cluster, "s" + std::to_string(i)));
        sleepers.back()->connect().subscribe("a/" + std::to_string(i), qos1);
        sleepers.back()->client.reset();
    }
    FakeClient publisher(cluster);
    for (int i = 0; i < 1'000; ++i) publisher.publish("a/" + std::to_string(i % 10), std::string(100, 'x'), qos1);
    EXPECT_LE(cluster.gate().durable_sessions().messages().bytes(), limits.stored);
    EXPECT_GT(cluster.gate().durable_sessions().messages().bytes(), limits.stored / 2);
}

TEST(DurableSessions, AreNoMoreThanTheLimit) {
    Limits limits;
    limits.durable_sessions = 2;
    TestCluster cluster(1, 1, {}, limits);
    Sleeper first(cluster, "1");
    Sleeper second(cluster, "2");
    Sleeper third(cluster, "3");
    EXPECT_TRUE(first.connect().opened);
    EXPECT_TRUE(second.connect().opened);
    EXPECT_FALSE(third.connect().opened);
    EXPECT_TRUE(first.connect().opened) << "it is there already";
    first.connect({0s, true});
    first.client.reset();
    EXPECT_TRUE(third.connect().opened);
}

TEST(DurableSessions, DropWhatExpiredWhileItWaited) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos1);
    sleeper.client.reset();
    FakeClient publisher(cluster);
    Draft brief = publisher.draft("a", "brief", qos1);
    brief.ttl = 10s;
    publisher.gate().publish(*publisher, std::move(brief), {});
    publisher.publish("a", "lasting", qos1);
    cluster.advance(11s);
    sleeper.connect();
    EXPECT_EQ(sleeper->payloads(), Texts{"lasting"});
}

}  // namespace
}  // namespace junctor
