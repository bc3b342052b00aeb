#include "policy/quotas.hpp"

#include <gtest/gtest.h>

#include "tests/unit/policy/sleeper.hpp"

namespace junctor {
namespace {

TEST(Rate, AllowsASecondsWorthAtOnceAndThenWhatIsEarned) {
    Rate rate;
    TimePoint now(1h);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(rate.take(1, 10, now)) << i;
    EXPECT_FALSE(rate.take(1, 10, now));
    now += 100ms;
    EXPECT_TRUE(rate.take(1, 10, now));
    EXPECT_FALSE(rate.take(1, 10, now));
    now += 1h;
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(rate.take(1, 10, now)) << "a long silence earns no more than a second's worth";
    EXPECT_FALSE(rate.take(1, 10, now));
}

TEST(Rate, WhatIsLargerThanASecondsWorthGoesAloneAndIsPaidFor) {
    Rate rate;
    TimePoint now(1h);
    EXPECT_TRUE(rate.take(50, 10, now));
    now += 4s;
    EXPECT_FALSE(rate.take(1, 10, now));
    now += 1s;
    EXPECT_TRUE(rate.take(1, 10, now));
}

TEST(Rate, TellsHowMuchOfASecondIsTaken) {
    Rate rate;
    TimePoint now(1h);
    EXPECT_EQ(rate.taken(10, now), 0U);
    for (int i = 0; i < 4; ++i) rate.take(1, 10, now);
    EXPECT_EQ(rate.taken(10, now), 4U);
    now += 200ms;
    EXPECT_EQ(rate.taken(10, now), 2U);
    now += 1h;
    EXPECT_EQ(rate.taken(10, now), 0U);
}

class QuotaTest : public testing::Test {
protected:
    static std::shared_ptr<Policy> limited(Scope scope, Quota quota) {
        auto policy = ruled([](const Principal&, Verb, std::string_view) { return Outcome::allow; });
        policy->limits[static_cast<std::size_t>(scope)] = quota;
        return policy;
    }
    Errc publish(FakeClient& client, std::size_t bytes = 1) {
        client.publish("a", std::string(bytes, 'x'), qos1, ++token_);
        cluster_->settle();
        return client->settlement(token_)->code;
    }
    Errc subscribe(FakeClient& client, const std::string& filter, Qos qos = Qos::at_most_once) {
        client.subscribe(filter, qos);
        cluster_->settle();
        return client->settlements.back().each.at(0);
    }
    /// Shared by all cores, as in the gateway.
    void run(std::shared_ptr<Policy> policy, std::uint16_t cores = 1) {
        cluster_.emplace(cores, 1, std::move(policy));
        const auto quotas = std::make_shared<Quotas>();
        for (std::size_t core = 0; core < cores; ++core) cluster_->gate(core).share(quotas);
    }

    std::optional<TestCluster> cluster_;
    std::uint64_t token_ = 0;
};

TEST_F(QuotaTest, AConnectionPublishesSoManyMessagesASecond) {
    run(limited(Scope::connection, {.messages_per_second = 3}));
    FakeClient one(*cluster_);
    FakeClient other(*cluster_);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(publish(one), Errc::ok);
    EXPECT_EQ(publish(one), Errc::quota_exceeded);
    EXPECT_EQ(one->settlement(token_)->reason, "over the limit 'messages_per_second' of this connection");
    EXPECT_EQ(publish(other), Errc::ok);
    cluster_->advance(1s);
    EXPECT_EQ(publish(one), Errc::ok);
}

TEST_F(QuotaTest, APrincipalsConnectionsShareItsRateOverAllCores) {
    run(limited(Scope::principal, {.messages_per_second = 4}), 2);
    FakeClient one(*cluster_, "", 0);
    FakeClient other(*cluster_, "", 1);
    FakeClient stranger(*cluster_, "stranger", kept, "stranger");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(publish(one), Errc::ok);
        EXPECT_EQ(publish(other), Errc::ok);
    }
    EXPECT_EQ(publish(one), Errc::quota_exceeded);
    EXPECT_EQ(publish(other), Errc::quota_exceeded);
    EXPECT_EQ(publish(stranger), Errc::ok);
}

TEST_F(QuotaTest, BytesAndPayloadsAreLimitedToo) {
    run(limited(Scope::tenant, {.bytes_per_second = 100, .payload = 80}));
    FakeClient client(*cluster_);
    FakeClient neighbour(*cluster_, "", 0, TenantId{7});
    EXPECT_EQ(publish(client, 81), Errc::too_large);
    EXPECT_EQ(publish(client, 80), Errc::ok);
    EXPECT_EQ(publish(client, 21), Errc::quota_exceeded);
    EXPECT_EQ(publish(client, 20), Errc::ok);
    EXPECT_EQ(publish(neighbour, 80), Errc::ok);
    client.request("nobody", "x", 1s, 77);
    EXPECT_EQ(client->settlement(77)->code, Errc::quota_exceeded) << "requests count";
}

TEST_F(QuotaTest, SoManyConnectionsAtTheSameTime) {
    run(limited(Scope::principal, {.connections = 2}), 2);
    std::optional<FakeClient> first(std::in_place, *cluster_, "", 0U);
    FakeClient second(*cluster_, "", 1);
    FakeSession third;
    EXPECT_EQ(cluster_->gate().open(third, {}).error(), make_error_code(Errc::quota_exceeded));
    FakeClient stranger(*cluster_, "stranger", kept, "stranger");
    EXPECT_TRUE(stranger.opened);
    first.reset();
    EXPECT_TRUE(cluster_->gate().open(third, {}));
    cluster_->gate().close(third, CloseReason::normal);
}

TEST_F(QuotaTest, TakingASessionOverTakesItsPlace) {
    run(limited(Scope::principal, {.connections = 1}));
    Sleeper sleeper(*cluster_);
    sleeper.connect();
    FakeSession again("sleeper");
    again.close_through = &cluster_->gate();
    EXPECT_TRUE(cluster_->gate().open(again, kept));
    cluster_->gate().close(again, CloseReason::normal);
}

TEST_F(QuotaTest, APrincipalsSessionsShareItsSubscriptionsOverAllCores) {
    run(limited(Scope::principal, {.subscriptions = 3}), 2);
    FakeClient one(*cluster_, "", 0);
    FakeClient other(*cluster_, "", 1);
    FakeClient stranger(*cluster_, "stranger", kept, "stranger");
    for (const char* filter : {"a", "b"}) EXPECT_EQ(subscribe(one, filter), Errc::ok);
    EXPECT_EQ(subscribe(other, "c/#"), Errc::ok);
    EXPECT_EQ(subscribe(other, "d"), Errc::quota_exceeded);
    EXPECT_EQ(other->settlements.back().reason, "over the limit 'subscriptions' of this principal");
    EXPECT_EQ(subscribe(other, "c/#"), Errc::ok) << "it holds that one";
    EXPECT_EQ(subscribe(one, "d"), Errc::quota_exceeded);
    EXPECT_EQ(subscribe(stranger, "d"), Errc::ok);
    one.unsubscribe("a");
    cluster_->settle();
    EXPECT_EQ(subscribe(other, "d"), Errc::ok);
    EXPECT_EQ(subscribe(other, "e"), Errc::quota_exceeded);
    one.close();
    EXPECT_EQ(subscribe(other, "e"), Errc::ok);
    EXPECT_EQ(subscribe(other, "f"), Errc::quota_exceeded);
}

TEST_F(QuotaTest, SubscriptionsThatAreNotConfirmedYetCount) {
    run(limited(Scope::tenant, {.subscriptions = 2}), 2);
    FakeClient one(*cluster_, "", 0);
    FakeClient other(*cluster_, "", 1);
    one.subscribe("a");
    other.subscribe("b");
    one.subscribe("c");
    other.subscribe("d");
    one.unsubscribe("a");
    cluster_->settle();
    const auto codes = [](FakeClient& client) {
        std::vector<Errc> all;
        for (const auto& each : client->settlements) all.push_back(each.each.at(0));
        return all;
    };
    EXPECT_EQ(codes(one), (std::vector{Errc::ok, Errc::quota_exceeded, Errc::ok}));
    EXPECT_EQ(codes(other), (std::vector{Errc::ok, Errc::quota_exceeded}));
    EXPECT_EQ(subscribe(one, "c"), Errc::ok);
    EXPECT_EQ(subscribe(one, "e"), Errc::quota_exceeded);
}

TEST_F(QuotaTest, WhatASleepingSessionHoldsCounts) {
    run(limited(Scope::principal, {.connections = 1, .subscriptions = 2}));
    Sleeper sleeper(*cluster_);
    for (const char* filter : {"a", "b"}) EXPECT_EQ(subscribe(sleeper.connect(), filter), Errc::ok);
    EXPECT_EQ(subscribe(*sleeper.client, "c"), Errc::quota_exceeded);
    sleeper.client.reset();
    {
        FakeClient other(*cluster_);
        ASSERT_TRUE(other.opened) << "who sleeps is not connected";
        EXPECT_EQ(subscribe(other, "c"), Errc::quota_exceeded);
    }
    EXPECT_EQ(subscribe(sleeper.connect(fresh), "c"), Errc::ok) << "a session that begins anew holds nothing";
    EXPECT_EQ(subscribe(*sleeper.client, "d"), Errc::ok);
    EXPECT_EQ(subscribe(*sleeper.client, "e"), Errc::quota_exceeded);
}

TEST_F(QuotaTest, WhatIsTakenAwayIsFreeAgain) {
    run(limited(Scope::connection, {.subscriptions = 1}));
    FakeClient client(*cluster_);
    EXPECT_EQ(subscribe(client, "a"), Errc::ok);
    auto stricter = ruled([](const Principal&, Verb, std::string_view object) { return object == "a" ? Outcome::deny : Outcome::allow; });
    stricter->limits[0].subscriptions = 1;
    cluster_->gate().adopt(stricter);
    cluster_->advance(1s);
    EXPECT_EQ(subscribe(client, "b"), Errc::ok);
    EXPECT_EQ(subscribe(client, "c"), Errc::quota_exceeded);
}

TEST_F(QuotaTest, LimitsThatComeLaterCountWhatIsHeld) {
    run(limited(Scope::principal, {}));
    FakeClient here(*cluster_);
    Sleeper sleeper(*cluster_);
    EXPECT_EQ(subscribe(here, "a"), Errc::ok);
    EXPECT_EQ(subscribe(sleeper.connect(), "b"), Errc::ok);
    sleeper.client.reset();
    cluster_->gate().adopt(limited(Scope::principal, {.subscriptions = 2}));
    cluster_->advance(1s);
    EXPECT_EQ(subscribe(here, "c"), Errc::quota_exceeded);
    here.unsubscribe("a");
    EXPECT_EQ(subscribe(here, "c"), Errc::ok);
    EXPECT_EQ(subscribe(here, "d"), Errc::quota_exceeded);
    cluster_->gate().adopt(limited(Scope::principal, {}));
    EXPECT_EQ(subscribe(here, "d"), Errc::ok);
}

TEST_F(QuotaTest, WhatWaitsForAPrincipalsSessionsIsBoundedTogether) {
    run(limited(Scope::principal, {.queued = 4'000}), 2);
    Sleeper one(*cluster_, "one"), other(*cluster_, "other"), stranger(*cluster_, "stranger");
    EXPECT_EQ(subscribe(one.connect(), "one", qos1), Errc::ok);
    EXPECT_EQ(subscribe(other.connect(), "other", qos1), Errc::ok);
    EXPECT_EQ(subscribe(stranger.connect(kept, "stranger"), "#", qos1), Errc::ok);
    for (Sleeper* each : {&one, &other, &stranger}) each->client.reset();
    FakeClient publisher(*cluster_, "publisher", kept, "publisher");
    const std::string large(1'000, 'x');
    const auto publish = [&](const std::string& topic, const std::string& what) {
        publisher.publish(topic, what + large, qos1, 1);
        cluster_->settle();
    };
    for (const char* what : {"1", "2", "3"}) publish("one", what);
    publish("other", "lost");
    for (Sleeper* each : {&one, &other}) each->connect();
    cluster_->settle();
    ASSERT_EQ(one->deliveries.size(), 3U);
    EXPECT_TRUE(other->deliveries.empty()) << "the other session of the same principal holds it all";
    for (int i = 0; i < 3; ++i) one.client->acknowledge(one->deliveries[static_cast<std::size_t>(i)].sequence);
    for (Sleeper* each : {&one, &other}) each->client.reset();
    for (const char* what : {"4", "5", "6", "7"}) publish("other", what);
    other.connect();
    cluster_->settle();
    ASSERT_EQ(other->deliveries.size(), 3U) << "what was acknowledged takes no room, and the oldest went";
    EXPECT_EQ(other->deliveries[0].payload.front(), '5');
    stranger.connect(kept, "stranger");
    cluster_->settle();
    EXPECT_EQ(stranger->deliveries.size(), 3U) << "a principal's own share";
}

TEST_F(QuotaTest, WhatWaitsForLiveConnectionsCountsOverAllCores) {
    run(limited(Scope::principal, {.queued = 4'000}), 2);
    FakeClient one(*cluster_, "", 0);
    FakeClient other(*cluster_, "", 1);
    FakeClient stranger(*cluster_, "stranger", kept, "stranger");
    ASSERT_TRUE(one->share());
    one->share()->add(3'000);
    EXPECT_EQ(other->share()->room(), 1'000U);
    EXPECT_EQ(stranger->share()->room(), 4'000U);
    other->share()->exceeded(cluster_->metrics());
    EXPECT_EQ(cluster_->total(counter("junctor_quota_exceeded_total", "What was refused because somebody took too much",
                                      {{"scope", "principal"}, {"limit", "queued"}})),
              1);
    other->share()->add(2'000);
    EXPECT_EQ(one->share()->room(), 0U);
    one->share()->add(-3'000);
    EXPECT_EQ(one->share()->room(), 2'000U);
}

TEST_F(QuotaTest, WhatWaitsForAConnectionLeavesNoRoomForADurableSession) {
    run(limited(Scope::tenant, {.queued = 4'000}));
    FakeClient live(*cluster_);
    Sleeper sleeper(*cluster_);
    sleeper.connect().subscribe("a", qos1);
    sleeper.client.reset();
    const Ref<QueueShare> share = live->share();
    share->add(4'000);
    EXPECT_EQ(publish(live), Errc::ok);
    sleeper.connect();
    cluster_->settle();
    EXPECT_TRUE(sleeper->deliveries.empty());
    sleeper.client.reset();
    live.close();
    share->add(-4'000);
    FakeClient later(*cluster_);
    EXPECT_EQ(publish(later), Errc::ok);
    sleeper.connect();
    cluster_->settle();
    EXPECT_EQ(sleeper->deliveries.size(), 1U) << "what a queue gives back after its session is given back once";
}

TEST_F(QuotaTest, WhereNothingBoundsWhatIsQueuedNobodyCountsIt) {
    run(limited(Scope::principal, {.connections = 4}));
    FakeClient client(*cluster_);
    EXPECT_FALSE(client->share());
    cluster_->gate().adopt(limited(Scope::connection, {.queued = 1'000}));
    cluster_->advance(1s);
    ASSERT_TRUE(client->share());
    EXPECT_EQ(client->share()->room(), 1'000U);
    cluster_->gate().adopt(limited(Scope::connection, {}));
    cluster_->advance(1s);
    EXPECT_FALSE(client->share());
}

TEST_F(QuotaTest, LimitsThatComeLaterCountThoseWhoAreHere) {
    run(limited(Scope::principal, {}));
    FakeClient here(*cluster_);
    cluster_->gate().adopt(limited(Scope::principal, {.connections = 1, .messages_per_second = 1}));
    cluster_->advance(1s);
    FakeSession late;
    EXPECT_EQ(cluster_->gate().open(late, {}).error(), make_error_code(Errc::quota_exceeded));
    EXPECT_EQ(publish(here), Errc::ok);
    EXPECT_EQ(publish(here), Errc::quota_exceeded);
    cluster_->gate().adopt(limited(Scope::principal, {}));
    EXPECT_EQ(publish(here), Errc::ok);
}

TEST_F(QuotaTest, AreExplainedWithWhatIsTakenOfThem) {
    const auto policy = limited(Scope::connection, {.messages_per_second = 10, .payload = 100, .subscriptions = 5});
    policy->limits[static_cast<std::size_t>(Scope::principal)] = {.connections = 4, .subscriptions = 7, .queued = 100'000};
    TestCluster cluster(1, 1, policy);
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos1);
    FakeClient other(cluster, "other");
    other.subscribe("b");
    sleeper->window = 0;
    for (int i = 0; i < 3; ++i) other.publish("a", "x", qos1);
    std::map<std::string, std::pair<std::uint64_t, std::optional<std::uint64_t>>> shown;
    const auto explain = [&](FakeClient& client) {
        shown.clear();
        for (const QuotaUse& each : client.gate().explain(*client, Verb::publish, "a").quotas)
            shown[std::string(to_string(each.scope)) + " " + std::string(to_string(each.limit))] = {each.most, each.used};
    };
    explain(other);
    EXPECT_EQ(shown.size(), 6U) << "only those in force";
    EXPECT_EQ(shown["connection messages_per_second"], std::pair(std::uint64_t{10}, std::optional<std::uint64_t>(3)));
    EXPECT_EQ(shown["connection payload"].second, std::nullopt);
    EXPECT_EQ(shown["connection subscriptions"].second, 1U);
    EXPECT_EQ(shown["principal connections"].second, 2U);
    EXPECT_EQ(shown["principal subscriptions"].second, 2U);
    EXPECT_GT(shown["principal queued"].second, 0U);
    explain(*sleeper.client);
    EXPECT_EQ(shown["connection subscriptions"].second, 1U) << "what its durable session holds";
    EXPECT_EQ(shown["connection messages_per_second"].second, 0U);
}

}  // namespace
}  // namespace junctor
