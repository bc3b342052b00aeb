// What comes back after a restart, step by step; durable_crash_test.cpp looks for what nobody thought of.

#include "core/session/stored_sessions.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "core/observe/metrics.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using test::FakeClient;
using test::FakeSession;
using test::ModelStore;
using test::TestCluster;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

constexpr Qos qos1 = Qos::at_least_once;
constexpr Qos qos2 = Qos::exactly_once;
constexpr SessionTerms kept{1h, false};

/// A gateway that is killed, and started again so much later.
struct Gateway {
    explicit Gateway(std::uint16_t its_cores = 1) : cores(its_cores) { start({}); }

    void start(ModelStore::Records records) {
        store = std::make_unique<ModelStore>(std::move(records));
        cluster.emplace(cores, 1, PolicyPtr{}, Limits{}, store.get());
    }
    /// What is durable survives. The clock of a cluster starts anew: `down` is short beside the times that count.
    void restart(ModelStore::Records records) {
        cluster.reset();
        start(std::move(records));
    }
    ModelStore::Records durable() {
        cluster->commit();
        return store->records();
    }

    std::uint16_t cores;
    std::unique_ptr<ModelStore> store;
    std::optional<TestCluster> cluster;
};

TEST(StoredSessions, BringBackSubscriptionsWithTheirOptions) {
    Gateway gateway;
    ModelStore::Records records;
    {
        FakeClient client(*gateway.cluster, "sleeper", kept);
        client.subscribe("a/+", {7, qos1, RetainHandling::send, true, true});
        client.subscribe("gone", qos1);
        gateway.cluster->commit();
        client.unsubscribe("gone");
        records = gateway.durable();
    }
    gateway.restart(std::move(records));
    FakeClient publisher(*gateway.cluster);
    publisher.publish("a/b", "x", qos2, 1);
    publisher.publish("gone", "x", qos2, 2);
    gateway.cluster->commit();
    EXPECT_EQ(publisher->settlement(1)->matches, 1u);
    EXPECT_EQ(publisher->settlement(2)->matches, 0u);
    FakeClient client(*gateway.cluster, "sleeper", kept);
    EXPECT_TRUE(client.found.resumed);
    ASSERT_EQ(client->deliveries.size(), 1u);
    EXPECT_EQ(client->deliveries[0].subscription_ids, std::vector<std::uint32_t>{7});
    client.publish("a/b", "own", qos1);
    gateway.cluster->commit();
    EXPECT_EQ(client->deliveries.size(), 1u) << "no-local";
}

TEST(StoredSessions, AnswerASubscribeWhenItIsDurable) {
    Gateway gateway;
    FakeClient client(*gateway.cluster, "sleeper", kept);
    EXPECT_EQ(client.subscribe("a", qos1), std::nullopt);
    gateway.cluster->settle();
    EXPECT_TRUE(client->settlements.empty());
    gateway.cluster->commit();
    EXPECT_EQ(client->settlements.size(), 1u);
}

// Threat 35: the id is committed with the message, and its duplicate after a crash is known.
TEST(Threat35QosTwoStore, AnInboundIdAndItsMessageSurviveTogether) {
    Gateway gateway(2);
    ModelStore::Records records;
    const auto publish = [](FakeClient& from, std::uint64_t token) {
        Draft draft = from.draft("a", "once", qos2);
        draft.exactly_once_id = 9;
        from.gate().publish(*from, std::move(draft), Token{token});
    };
    {
        FakeClient reader(*gateway.cluster, "reader", kept);
        reader.subscribe("a", qos2);
        FakeClient publisher(*gateway.cluster, "publisher", kept);
        gateway.cluster->commit();
        publish(publisher, 1);
        gateway.cluster->settle();
        EXPECT_EQ(publisher->settlement(1), nullptr) << "nothing is durable yet";
        records = gateway.durable();
        EXPECT_EQ(publisher->settlement(1)->code, Errc::ok);
    }
    gateway.restart(std::move(records));
    FakeClient publisher(*gateway.cluster, "publisher", kept);
    EXPECT_EQ(publisher.found.unreleased, std::vector<std::uint16_t>{9});
    publish(publisher, 2);
    publisher.gate().release(*publisher, 9, Token{3});
    gateway.cluster->commit();
    EXPECT_EQ(publisher->settlement(2)->code, Errc::ok);
    EXPECT_EQ(publisher->settlement(3)->code, Errc::ok);
    FakeClient reader(*gateway.cluster, "reader", kept);
    gateway.cluster->commit();
    EXPECT_EQ(reader->payloads(), Texts{"once"});
}

TEST(StoredSessions, KeepTheirEpochInWhichNoSequenceIsGivenTwice) {
    Gateway gateway;
    ModelStore::Records records;
    std::uint64_t epoch = 0;
    std::uint64_t seen = 0;
    for (int life = 0; life < 4; ++life) {
        if (life > 0) gateway.restart(std::move(records));
        gateway.cluster->commit();
        FakeClient client(*gateway.cluster, "sleeper", kept);
        EXPECT_TRUE(life == 0 || client.found.epoch == epoch);
        epoch = client.found.epoch;
        client->on_deliver = [&](const Delivery& delivery) {
            EXPECT_TRUE(delivery.repeat != Repeat::no || delivery.sequence > seen) << "what a client knows by a sequence stays that";
            seen = std::max(seen, delivery.sequence);
        };
        client.subscribe("a", qos1);
        gateway.cluster->commit();
        FakeClient publisher(*gateway.cluster);
        for (int i = 0; i < 3; ++i) publisher.publish("a", "durable", qos1);
        gateway.cluster->commit();
        client.acknowledge(seen, Progress::done_up_to);
        gateway.cluster->advance(1s);
        records = gateway.durable();
        // These reach the client, and die with the process.
        for (int i = 0; i < 3; ++i) publisher.publish("a", "lost", qos1);
        gateway.cluster->settle();
    }
    EXPECT_GE(seen, 24u);
}

TEST(StoredSessions, ASequenceThatMayComeAgainWaitsUntilItIsDurable) {
    Gateway gateway;
    FakeClient client(*gateway.cluster, "sleeper", kept);
    client.subscribe("a", qos1);
    gateway.cluster->commit();
    FakeClient publisher(*gateway.cluster);
    for (int i = 0; i < 5'000; ++i) publisher.publish("a", "x", qos1);
    gateway.cluster->settle();
    EXPECT_LT(client->deliveries.size(), 5'000u) << "the store has not heard of so many";
    gateway.cluster->commit();
    EXPECT_EQ(client->deliveries.size(), 5'000u);
}

TEST(StoredSessions, HandBackWhatAGroupSentAfterARestartToo) {
    for (std::uint16_t cores = 1; cores <= 3; ++cores) {
        Gateway gateway(cores);
        ModelStore::Records records;
        {
            FakeClient member(*gateway.cluster, "member", kept);
            member.subscribe("$share/g/a", qos1);
            gateway.cluster->commit();
            FakeClient publisher(*gateway.cluster);
            publisher.publish("a", "work", qos1);
            gateway.cluster->commit();
            EXPECT_EQ(member->payloads(), Texts{"work"});
            records = gateway.durable();
        }
        gateway.restart(std::move(records));
        FakeClient other(*gateway.cluster, "other", kept);
        other.subscribe("$share/g/a", qos1);
        gateway.cluster->commit();
        {
            const SessionTerms clean{0s, true};
            const FakeClient member(*gateway.cluster, "member", clean);
            gateway.cluster->commit();
        }
        EXPECT_EQ(other->payloads(), Texts{"work"}) << cores;
    }
}

TEST(StoredSessions, ExpireWhileTheGatewayIsAway) {
    Gateway gateway;
    ModelStore::Records records;
    {
        FakeClient client(*gateway.cluster, "short", SessionTerms{10s, false});
        client.close();
        FakeClient lasting(*gateway.cluster, "long", kept);
        lasting.close();
        records = gateway.durable();
    }
    gateway.restart(std::move(records));
    gateway.cluster->advance(11s);
    EXPECT_FALSE(FakeClient(*gateway.cluster, "short", SessionTerms{10s, false}).found.resumed);
    EXPECT_TRUE(FakeClient(*gateway.cluster, "long", kept).found.resumed);
}

TEST(StoredSessions, PublishTheWillsOfThoseWhoWereConnected) {
    Gateway gateway;
    ModelStore::Records records;
    {
        FakeClient reader(*gateway.cluster, "reader", kept);
        reader.subscribe("will/#", qos1);
        FakeClient durable(*gateway.cluster, "durable", kept);
        durable.set_will("will/durable", "later", 5s);
        FakeClient ordinary(*gateway.cluster, "ordinary", SessionTerms{});
        ordinary.set_will("will/ordinary", "at once");
        FakeClient polite(*gateway.cluster, "polite", SessionTerms{});
        polite.set_will("will/polite", "never");
        polite.gate().set_will(*polite, nullptr);
        records = gateway.durable();
    }
    gateway.restart(std::move(records));
    gateway.cluster->advance(1s);
    FakeClient reader(*gateway.cluster, "reader", kept);
    gateway.cluster->commit();
    EXPECT_EQ(reader->payloads(), Texts{"at once"});
    gateway.cluster->advance(5s);
    gateway.cluster->commit();
    EXPECT_EQ(reader->payloads(), (Texts{"at once", "later"}));
}

TEST(StoredSessions, PublishAWillWithoutDelayEvenWhenItsClientIsBackAtOnce) {
    Gateway gateway;
    ModelStore::Records records;
    {
        FakeClient reader(*gateway.cluster, "reader", kept);
        reader.subscribe("will", qos1);
        FakeClient client(*gateway.cluster, "client", kept);
        client.set_will("will", "cut off");
        records = gateway.durable();
    }
    gateway.restart(std::move(records));
    FakeClient client(*gateway.cluster, "client", kept);
    FakeClient reader(*gateway.cluster, "reader", kept);
    gateway.cluster->commit();
    EXPECT_EQ(reader->payloads(), Texts{"cut off"});
}

TEST(StoredSessions, LeaveOutWhatIsDamagedAndNothingElse) {
    Gateway gateway;
    ModelStore::Records records;
    {
        FakeClient client(*gateway.cluster, "sleeper", kept);
        client.subscribe("a", qos1);
        client.close();
        FakeClient publisher(*gateway.cluster);
        for (const char* text : {"1", "2", "3"}) publisher.publish("a", text, qos1);
        records = gateway.durable();
    }
    for (auto& [key, value] : records) {
        const std::optional<keys::Parts> parts = keys::parse(key);
        if (parts->kind == keys::Kind::message && parts->number == 2) value[value.size() / 2] ^= 1;
    }
    gateway.restart(std::move(records));
    EXPECT_EQ(gateway.cluster->unreadable, 1u);
    EXPECT_EQ(gateway.cluster->lost, 1u);
    FakeClient client(*gateway.cluster, "sleeper", kept);
    EXPECT_EQ(client->payloads(), (Texts{"1", "3"}));
}

TEST(StoredSessions, AreCountedWhileTheyAreAway) {
    Gateway gateway;
    const auto away = [&] { return metric_total("junctor_durable_sessions_away", {&gateway.cluster->metrics()}); };
    {
        FakeClient client(*gateway.cluster, "sleeper", kept);
        EXPECT_EQ(away(), 0);
        FakeClient again(*gateway.cluster, "sleeper", kept);
        EXPECT_EQ(away(), 0);
    }
    EXPECT_EQ(away(), 1);
    gateway.restart(gateway.durable());
    EXPECT_EQ(away(), 1);
    { FakeClient client(*gateway.cluster, "sleeper", kept); }
    gateway.cluster->advance(kept.expiry + 1min);
    EXPECT_EQ(away(), 0);
}

TEST(StoredSessions, RefuseASubscriptionWhileItCannotBeStored) {
    Gateway gateway;
    FakeClient keeps(*gateway.cluster, "keeps", kept);
    FakeClient passes(*gateway.cluster);
    gateway.store->refuse(true);
    EXPECT_EQ(keeps.subscribe("a", qos1), Errc::overloaded);
    EXPECT_EQ(keeps->settlements.back().reason, "the gateway cannot store anything at present; try again later");
    EXPECT_EQ(passes.subscribe("a", qos1), Errc::ok);
    gateway.store->refuse(false);
    keeps.subscribe("a", qos1);
    gateway.cluster->commit();
    EXPECT_EQ(keeps->settlements.back().each, std::vector{Errc::ok});
}

TEST(StoredSessions, RefuseWhatTheStoreDoesNotTake) {
    Gateway gateway;
    FakeClient sleeper(*gateway.cluster, "sleeper", kept);
    sleeper.subscribe("a", qos1);
    gateway.cluster->commit();
    gateway.store->refuse(true);
    FakeClient publisher(*gateway.cluster);
    publisher.publish("a", "not stored", qos1, 1);
    publisher.publish("a", "passes", Qos::at_most_once);
    publisher.publish("nobody", "passes", qos1, 2);
    EXPECT_EQ(publisher->settlement(1)->code, Errc::overloaded);
    EXPECT_EQ(publisher->settlement(2)->code, Errc::ok);
    EXPECT_EQ(sleeper->payloads(), Texts{"passes"});
    gateway.store->refuse(false);
    publisher.publish("a", "stored", qos1, 3);
    gateway.cluster->commit();
    EXPECT_EQ(publisher->settlement(3)->code, Errc::ok);
}

}  // namespace
}  // namespace junctor
