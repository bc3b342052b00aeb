// A tenant is a topic root that its principals cannot see beyond, whatever way they try: live, retained, shared, addressed, asked and
// answered, left behind, or told by the gateway itself.

#include "policy/tenants.hpp"
#include "tests/unit/policy/sleeper.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

const TenantId acme = Tenants::id_of("acme");
const TenantId other = Tenants::id_of("other");
constexpr TenantId common{};

/// Everything that is said and done in one tenant, on one core and on three.
class TenantWalls : public testing::TestWithParam<int> {
protected:
    TestCluster cluster{static_cast<std::uint16_t>(GetParam())};
    std::size_t last() const { return cluster.count() - 1U; }
};

TEST_P(TenantWalls, LiveAndRetainedMessagesStayWithin) {
    FakeClient speaker(cluster, "", 0, acme);
    FakeClient neighbour(cluster, "", last(), other);
    FakeClient common_one(cluster, "", 0, common);
    FakeClient reader(cluster, "", last(), acme);
    for (FakeClient* each : {&neighbour, &common_one, &reader})
        for (const char* filter : {"#", "a", "$share/g/a", "+"}) each->subscribe(filter);
    cluster.settle();
    speaker.retain("a", "live");
    cluster.settle();
    EXPECT_FALSE(reader->payloads().empty());
    EXPECT_TRUE(neighbour->payloads().empty());
    EXPECT_TRUE(common_one->payloads().empty());
    FakeClient late(cluster, "", 0, other);
    late.subscribe("#");
    cluster.settle();
    EXPECT_TRUE(late->payloads().empty()) << "retained values, too";
    const auto fail = [](const EnvelopePtr& value) { ADD_FAILURE() << value->topic_text(); };
    EXPECT_EQ(*late.gate().retained(*late, *TopicFilter::parse(other, "#"), 100, fail), 0U);
    late.retain("a", "");
    cluster.settle();
    FakeClient own(cluster, "", 0, acme);
    own.subscribe("a");
    cluster.settle();
    EXPECT_EQ(own->payloads(), Texts{"live"}) << "nor does another one's clearing reach them";
}

TEST_P(TenantWalls, ANameIsAnotherOneInEachTenant) {
    FakeClient ours(cluster, "pump", 0, acme);
    FakeClient theirs(cluster, "pump", 0, other);
    FakeClient speaker(cluster, "", 0, acme);
    EXPECT_TRUE(ours.opened && theirs.opened);
    EXPECT_FALSE(ours->closed) << "nobody is taken over";
    speaker.send("$to/pump", "for ours", 1);
    cluster.settle();
    EXPECT_EQ(speaker->settlement(1)->code, Errc::ok);
    EXPECT_EQ(ours->payloads(), Texts{"for ours"});
    EXPECT_TRUE(theirs->payloads().empty());
    theirs.close();
    ours.close();
    FakeClient stranger(cluster, "", 0, other);
    FakeClient again(cluster, "pump", 0, acme);
    stranger.send("$to/pump", "from outside", 2);
    cluster.settle();
    EXPECT_EQ(stranger->settlement(2)->code, Errc::no_receivers);
    EXPECT_TRUE(again->payloads().empty());
}

TEST_P(TenantWalls, ARequestIsAnsweredFromWithinAlone) {
    FakeClient requester(cluster, "", 0, acme);
    FakeClient worker(cluster, "", last(), acme);
    FakeClient stranger(cluster, "", last(), other);
    worker.subscribe("work");
    stranger.subscribe("work");
    cluster.settle();
    requester.request("work", "?", 10s, 1);
    cluster.settle();
    ASSERT_EQ(worker->deliveries.size(), 1U);
    EXPECT_TRUE(stranger->deliveries.empty());
    const std::string inbox = worker->deliveries[0].envelope->extras()->reply_to;
    stranger.publish(inbox, "forged", qos1, 2);
    cluster.settle();
    EXPECT_EQ(stranger->settlement(2)->matches, 0U);
    EXPECT_TRUE(requester->answers.empty());
    worker.publish(inbox, "answer");
    cluster.settle();
    ASSERT_EQ(requester->answers.size(), 1U);
    EXPECT_EQ(as_text(requester->answers[0].reply->payload()), "answer");
}

TEST_P(TenantWalls, WhatTheGatewayTellsIsToldWithin) {
    FakeClient theirs(cluster, "", 0, other);
    FakeClient common_one(cluster, "", 0, common);
    FakeClient ours(cluster, "", 0, acme);
    for (FakeClient* each : {&theirs, &common_one, &ours}) each->subscribe("$SYS/#");
    cluster.settle();
    for (FakeClient* each : {&theirs, &common_one, &ours}) (*each)->deliveries.clear();
    {
        FakeClient durable(cluster, "sleeper", kept, "tester", acme);
        durable.subscribe("a", qos1);
        ASSERT_TRUE(durable.set_will("will", "gone"));
        cluster.settle();
    }
    FakeClient speaker(cluster, "", 0, acme);
    Draft short_lived = speaker.draft("a", "x", qos1);
    short_lived.ttl = 1s;
    speaker.gate().publish(*speaker, std::move(short_lived), {});
    cluster.advance(2h);
    EXPECT_GE(ours->deliveries.size(), 4U) << "connected, subscribed, disconnected, expired";
    for (const auto& each : theirs->deliveries) ADD_FAILURE() << each.topic;
    for (const auto& each : common_one->deliveries) ADD_FAILURE() << each.topic;
}

TEST_P(TenantWalls, AWillIsPublishedWhereItWasLeft) {
    FakeClient theirs(cluster, "", 0, other);
    FakeClient ours(cluster, "", last(), acme);
    theirs.subscribe("#");
    ours.subscribe("#");
    cluster.settle();
    FakeClient dying(cluster, "", 0, acme);
    ASSERT_TRUE(dying.set_will("will", "gone"));
    dying.gate().close(*dying, CloseReason::connection_lost);
    cluster.settle();
    EXPECT_EQ(ours->payloads(), Texts{"gone"});
    EXPECT_TRUE(theirs->payloads().empty());
}

INSTANTIATE_TEST_SUITE_P(OneAndThreeCores, TenantWalls, testing::Values(1, 3));

}  // namespace
}  // namespace junctor
