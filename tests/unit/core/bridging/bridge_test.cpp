#include "core/bridging/bridge.hpp"

#include <gtest/gtest.h>

#include "core/bridging/bridge_metrics.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/model_broker.hpp"
#include "tests/support/rule_authorizer.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::ModelBroker;
using test::ModelStore;
using test::TestCluster;
using Texts = std::vector<std::string>;

/// A gateway of two cores with a bridge to a broker, under a gateway's name.
struct Edge {
    Edge(ModelBroker& broker, const std::string& gateway, const std::string& peer, std::vector<BridgeRule> out, std::vector<BridgeRule> in,
         ModelStore* store = nullptr, const std::string& end = {})
        : cluster(2, 1, PolicyPtr{}, Limits{}, store) {
        Bridge::Terms terms;
        terms.name = "plant";
        terms.gateway = gateway;
        terms.peer = peer;
        terms.out = std::move(out);
        terms.in = std::move(in);
        Core& core = cluster.core(cluster.home_of(Bridge::session_name("plant")));
        bridge = std::make_unique<Bridge>(core, std::move(terms), broker.backend_for(end.empty() ? gateway : end));
        EXPECT_TRUE(bridge->open([this](std::function<void()> task) { posted.push_back(std::move(task)); }));
        cluster.commit();
    }
    bool step() {
        if (cluster.step()) return true;
        if (posted.empty()) return false;
        const std::function<void()> task = std::move(posted.front());
        posted.pop_front();
        task();
        return true;
    }

    TestCluster cluster;
    std::deque<std::function<void()>> posted;
    std::unique_ptr<Bridge> bridge;
};

BridgeRule rule(const std::string& filter, const std::string& strip = {}, const std::string& add = {}) {
    return {*TopicFilter::parse({}, filter), strip, add, Qos::at_least_once};
}

class BridgeTest : public ::testing::Test {
protected:
    void settle(std::initializer_list<Edge*> edges) {
        for (bool moved = true; moved;) {
            moved = broker.step();
            for (Edge* each : edges) {
                moved |= each->step();
                each->cluster.commit();
            }
        }
    }
    ModelBroker broker;
    ModelStore store;
};

TEST_F(BridgeTest, CarriesBothWaysUnderOtherNames) {
    Edge edge(broker, "edge", "broker", {rule("up/#", "up/", "edge/")}, {rule("down/#", "down/", "from-above/")});
    FakeClient client(edge.cluster);
    client.subscribe("from-above/#", Qos::at_least_once);
    settle({&edge});
    broker.publish("down/a", "hello");
    broker.publish("elsewhere", "not for here");
    settle({&edge});
    ASSERT_EQ(client->payloads(), Texts{"hello"});
    EXPECT_EQ(client->deliveries[0].topic, "from-above/a");
    EXPECT_EQ(client->deliveries[0].envelope->extras()->hops, "broker");
    Edge other(broker, "other", "broker", {}, {rule("edge/#")});
    FakeClient reader(other.cluster);
    reader.subscribe("#", Qos::at_least_once);
    settle({&edge, &other});
    client.publish("up/b", "up", Qos::at_least_once);
    client.publish("aside", "stays", Qos::at_least_once);
    settle({&edge, &other});
    ASSERT_EQ(reader->payloads(), Texts{"up"});
    EXPECT_EQ(reader->deliveries[0].topic, "edge/b");
}

TEST_F(BridgeTest, WhatGoesOutWaitsWhileTheOtherSideIsAway) {
    Edge edge(broker, "edge", "broker", {rule("up/#")}, {});
    Edge reader(broker, "reader", "broker", {}, {rule("up/#")});
    FakeClient seen(reader.cluster);
    seen.subscribe("up/#", Qos::at_least_once);
    settle({&edge, &reader});
    broker.cut("edge");
    settle({&edge, &reader});
    EXPECT_FALSE(edge.bridge->connected());
    FakeClient client(edge.cluster);
    Texts sent;
    for (int i = 0; i < 300; ++i) client.publish("up/x", sent.emplace_back(std::to_string(i)), Qos::at_least_once, 1'000 + static_cast<std::uint64_t>(i));
    settle({&edge, &reader});
    EXPECT_EQ(client->settlements.size(), 300U);
    EXPECT_TRUE(seen->payloads().empty());
    broker.join("edge");
    settle({&edge, &reader});
    EXPECT_EQ(seen->payloads(), sent);
}

TEST_F(BridgeTest, WhatWaitsOutlivesTheProcess) {
    Texts sent;
    {
        Edge edge(broker, "edge", "broker", {rule("up/#")}, {}, &store);
        settle({&edge});
        broker.cut("edge");
        settle({&edge});
        FakeClient client(edge.cluster);
        for (int i = 0; i < 20; ++i) client.publish("up/x", sent.emplace_back(std::to_string(i)), Qos::at_least_once, 1);
        settle({&edge});
        edge.cluster.commit();
    }
    Edge reader(broker, "reader", "broker", {}, {rule("up/#")});
    FakeClient seen(reader.cluster);
    seen.subscribe("up/#", Qos::at_least_once);
    settle({&reader});
    ModelStore left(std::move(store).crash());
    Edge again(broker, "edge", "broker", {rule("up/#")}, {}, &left);
    settle({&again, &reader});
    EXPECT_EQ(seen->payloads(), sent);
}

TEST_F(BridgeTest, NothingGoesBackToWhereItHasBeen) {
    Edge edge(broker, "edge", "broker", {rule("#")}, {rule("#")});
    FakeClient client(edge.cluster);
    client.subscribe("#", Qos::at_least_once);
    settle({&edge});
    broker.publish("a", "from the broker");
    client.publish("b", "from here", Qos::at_least_once);
    settle({&edge});
    EXPECT_EQ(client->payloads(), (Texts{"from here", "from the broker"}));
    EXPECT_EQ(edge.cluster.total(bridge_metrics().out), 1);
    EXPECT_EQ(edge.cluster.total(bridge_metrics().looped), 1);  // the echo of its own; what it brought is never given to it again
}

/// Threat class 36: three gateways, each of which carries everything both ways.
TEST_F(BridgeTest, ARingSettlesWithEveryMessageSeenOnce) {
    std::vector<std::unique_ptr<Edge>> edges;
    std::vector<std::unique_ptr<FakeClient>> clients;
    for (const std::string name : {"one", "two", "three"}) {
        edges.push_back(std::make_unique<Edge>(broker, name, "first", std::vector<BridgeRule>{rule("#")}, std::vector<BridgeRule>{rule("#")}));
        clients.push_back(std::make_unique<FakeClient>(edges.back()->cluster));
        clients.back()->subscribe("#", Qos::at_least_once);
    }
    settle({edges[0].get(), edges[1].get(), edges[2].get()});
    for (std::size_t i = 0; i < 3; ++i) clients[i]->publish("ring", "of " + std::to_string(i), Qos::at_least_once);
    broker.publish("ring", "of a stranger");
    settle({edges[0].get(), edges[1].get(), edges[2].get()});
    for (const auto& client : clients) {
        Texts got = (*client)->payloads();
        std::sort(got.begin(), got.end());
        EXPECT_EQ(got, (Texts{"of 0", "of 1", "of 2", "of a stranger"}));
    }
}

/// Threat class 37: a bridge does nothing that the policy does not allow its principal.
TEST_F(BridgeTest, NeedsTheRightToBe) {
    const auto policy = std::make_shared<Policy>();
    policy->authorizers.push_back(std::make_shared<test::RuleAuthorizer>([](const Principal&, Verb verb, std::string_view) {
        return verb == Verb::bridge ? Verdict::Outcome::deny : Verdict::Outcome::allow;
    }));
    TestCluster cluster(1, 1, policy);
    Bridge::Terms terms;
    terms.name = "plant";
    terms.gateway = "edge";
    terms.peer = "broker";
    terms.out = {rule("#")};
    Bridge bridge(cluster.core(), std::move(terms), broker.backend_for("edge"));
    EXPECT_EQ(bridge.open([](std::function<void()>) {}).error(), Errc::denied);
    EXPECT_TRUE(broker.interest("edge").empty());
}

}  // namespace
}  // namespace junctor
