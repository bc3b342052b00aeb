// Wills, through the gate and without a store.

#include "tests/unit/policy/sleeper.hpp"

#include <gtest/gtest.h>

#include "policy/policy_gate.hpp"

namespace junctor {
namespace {

TEST(Wills, GoWithTheConnectionOfAnOrdinarySession) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.subscribe("will/#");
    {
        FakeClient client(cluster);
        EXPECT_TRUE(client.set_will("will/1", "gone", 1h));
        EXPECT_EQ(client.set_will("will/+", "x").error(), make_error_code(Errc::bad_topic));
    }
    EXPECT_TRUE(reader->deliveries.empty()) << "a will that is not taken leaves none";
    {
        FakeClient client(cluster);
        client.set_will("will/1", "gone", 1h);
    }
    EXPECT_EQ(reader->payloads(), Texts{"gone"}) << "such a session ends now: it cannot wait";
    {
        FakeClient client(cluster);
        client.set_will("will/1", "gone");
        client.gate().set_will(*client, nullptr);
    }
    EXPECT_EQ(reader->deliveries.size(), 1u);
}

TEST(Wills, WaitForTheirDelayAndNoLonger) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.subscribe("will");
    Sleeper sleeper(cluster);
    sleeper.connect().set_will("will", "late", 5s);
    sleeper.client.reset();
    cluster.advance(4'990ms);
    EXPECT_TRUE(reader->deliveries.empty());
    cluster.advance(20ms);
    EXPECT_EQ(reader->payloads(), Texts{"late"});
    sleeper.connect();
    sleeper.client.reset();
    cluster.advance(10s);
    EXPECT_EQ(reader->deliveries.size(), 1u) << "once";
}

TEST(Wills, AreForgottenWhenTheClientComesBackInTime) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.subscribe("will");
    Sleeper sleeper(cluster);
    sleeper.connect().set_will("will", "late", 5s);
    sleeper.client.reset();
    cluster.advance(4s);
    sleeper.connect();
    cluster.advance(10s);
    EXPECT_TRUE(reader->deliveries.empty());
}

TEST(Wills, GoWhenTheSessionEnds) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.subscribe("will");
    Sleeper sleeper(cluster);
    sleeper.connect({3s, false}).set_will("will", "at the end", 1h);
    sleeper.client.reset();
    cluster.advance(3'010ms);
    EXPECT_EQ(reader->payloads(), Texts{"at the end"});
    sleeper.connect().set_will("will", "cleaned", 1h);
    sleeper.connect(fresh);
    EXPECT_EQ(reader->payloads(), (Texts{"at the end", "cleaned"}));
}

// Threat 8: a will is judged when it is left and when it is due.
TEST(Threat8Wills, NeedTheRightToPublishTwice) {
    const auto revoked = std::make_shared<bool>(false);
    const auto policy = ruled([revoked](const Principal& who, Verb verb, std::string_view topic) {
        if (verb != Verb::publish || who.name != "alice") return Outcome::allow;
        return topic == "forbidden" || *revoked ? Outcome::deny : Outcome::allow;
    });
    TestCluster cluster(1, 1, policy);
    FakeClient reader(cluster);
    reader.subscribe("#");
    Sleeper sleeper(cluster);
    sleeper.connect(kept, "alice");
    EXPECT_EQ(sleeper.client->set_will("forbidden", "x").error(), make_error_code(Errc::denied));
    EXPECT_EQ(sleeper.client->set_will("$SYS/x", "x").error(), make_error_code(Errc::denied));
    EXPECT_TRUE(sleeper.client->set_will("allowed", "x", 5s));
    sleeper.client.reset();
    *revoked = true;
    ++policy->epoch;
    cluster.advance(10s);
    EXPECT_TRUE(reader->deliveries.empty());
    *revoked = false;
    ++policy->epoch;
    FakeClient ordinary(cluster, "other", SessionTerms{}, "alice");
    EXPECT_TRUE(ordinary.set_will("allowed", "x"));
    *revoked = true;
    ++policy->epoch;
    ordinary.close();
    EXPECT_TRUE(reader->deliveries.empty());
}

}  // namespace
}  // namespace junctor
