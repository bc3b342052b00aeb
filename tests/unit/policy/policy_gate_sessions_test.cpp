// Sessions that outlive their connection, through the gate and without a store.

#include "tests/unit/policy/sleeper.hpp"

#include <gtest/gtest.h>

#include "core/routing/routing_metrics.hpp"
#include "policy/policy_gate.hpp"

namespace junctor {
namespace {

using Sequences = std::vector<std::uint64_t>;

TEST(DurableSessions, KeepSubscriptionsAndMessagesWhileNobodyIsConnected) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    EXPECT_FALSE(sleeper.connect().found.resumed);
    sleeper.client->subscribe("a/#", qos1);
    sleeper.client.reset();
    FakeClient publisher(cluster);
    publisher.publish("a/1", "one", qos1, 1);
    publisher.publish("a/1", "zero", Qos::at_most_once);
    publisher.publish("a/2", "two", qos2, 2);
    EXPECT_EQ(publisher->settlement(1)->code, Errc::ok);
    EXPECT_EQ(publisher->settlement(1)->matches, 1u);
    EXPECT_TRUE(sleeper.connect().found.resumed);
    EXPECT_EQ(sleeper->payloads(), (Texts{"one", "two"})) << "QoS 0 does not wait";
    EXPECT_EQ(sleeper->deliveries[1].qos, qos1) << "as granted";
    EXPECT_EQ(sleeper->deliveries[0].sequence, 1u);
    EXPECT_EQ(sleeper->deliveries[0].repeat, Repeat::no);
}

TEST(DurableSessions, DeliverNothingBeforeTheConnectionIsReady) {
    TestCluster cluster;
    FakeSession session("sleeper");
    ASSERT_TRUE(cluster.gate().open(session, kept));
    const SubscribeRequest request{*TopicFilter::parse({}, "a"), {0, qos1, RetainHandling::send, false, false}};
    cluster.gate().subscribe(session, {&request, 1}, Token{7});
    ASSERT_NE(session.settlement(7), nullptr);
    FakeClient publisher(cluster);
    publisher.publish("a", "kept", qos1);
    publisher.publish("a", "lost");
    EXPECT_TRUE(session.deliveries.empty());
    cluster.gate().ready(session);
    EXPECT_EQ(session.payloads(), Texts{"kept"});
    cluster.gate().close(session, CloseReason::normal);
}

TEST(DurableSessions, ShowAgainWhatWasNotAcknowledged) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos2);
    FakeClient publisher(cluster);
    for (const char* text : {"1", "2", "3", "4"}) publisher.publish("a", text, qos2);
    sleeper.client->acknowledge(1);
    sleeper.client->acknowledge(3, Progress::received);
    EXPECT_EQ(sleeper->releases, Sequences{3});
    sleeper.connect();
    ASSERT_EQ(sleeper->deliveries.size(), 3u);
    EXPECT_EQ(sleeper->deliveries[0].sequence, 2u);
    EXPECT_EQ(sleeper->deliveries[0].repeat, Repeat::maybe);
    EXPECT_EQ(sleeper->deliveries[1].sequence, 3u);
    EXPECT_EQ(sleeper->deliveries[1].repeat, Repeat::release);
    EXPECT_EQ(sleeper->deliveries[2].sequence, 4u);
    sleeper.client->acknowledge(4, Progress::done_up_to);
    sleeper.connect();
    EXPECT_TRUE(sleeper->deliveries.empty());
    publisher.publish("a", "5", qos2);
    EXPECT_EQ(sleeper->deliveries[0].sequence, 5u) << "a sequence is not used again";
}

TEST(DurableSessions, HandOnInOrderAsTheWireTakesIt) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos1);
    sleeper->window = 2;
    FakeClient publisher(cluster);
    for (const char* text : {"1", "2", "3", "4"}) publisher.publish("a", text, qos1);
    EXPECT_EQ(sleeper->payloads(), (Texts{"1", "2"}));
    sleeper->window = 1;
    sleeper.client->acknowledge(1);
    EXPECT_EQ(sleeper->payloads(), (Texts{"1", "2", "3"}));
    sleeper->window = 1;
    sleeper.client->gate().ready(*sleeper);
    EXPECT_EQ(sleeper->payloads(), (Texts{"1", "2", "3", "4"}));
}

TEST(DurableSessions, TakeAnAcknowledgementFromWithinTheDelivery) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos1);
    sleeper->on_deliver = [&](const Delivery& delivery) {
        sleeper.client->acknowledge(delivery.sequence);
        if (delivery.sequence < 50) sleeper.client->publish("a", "next", qos1);
    };
    FakeClient(cluster).publish("a", "first", qos1);
    EXPECT_EQ(sleeper->deliveries.size(), 50u);
}

TEST(DurableSessions, SurviveAConnectionThatEndsWithinADelivery) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos1);
    FakeClient publisher(cluster);
    sleeper->on_deliver = [&](const Delivery&) { sleeper.client->close(); };
    publisher.publish("a", "1", qos1);
    publisher.publish("a", "2", qos1);
    sleeper.connect();
    EXPECT_EQ(sleeper->payloads(), (Texts{"1", "2"}));
    sleeper.client->gate().change_expiry(*sleeper, 0s);
    sleeper->on_deliver = [&](const Delivery&) { sleeper.client->close(); };
    publisher.publish("a", "3", qos1);
    EXPECT_FALSE(sleeper.connect().found.resumed) << "it ended with its connection";
}

TEST(DurableSessions, ShareOneEncoding) {
    TestCluster cluster;
    Sleeper first(cluster, "first");
    Sleeper second(cluster, "second");
    first.connect().subscribe("a", qos1);
    second.connect().subscribe("a", qos1);
    FakeClient(cluster).publish("a", "x", qos1);
    EXPECT_EQ(first->encodings + second->encodings, 1);
    EXPECT_EQ(second->deliveries.at(0).encoded, "x");
}

TEST(DurableSessions, StartClean) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos1);
    sleeper.client.reset();
    FakeClient publisher(cluster);
    publisher.publish("a", "1", qos1);
    EXPECT_FALSE(sleeper.connect(fresh).found.resumed);
    publisher.publish("a", "2", qos1, 2);
    EXPECT_TRUE(sleeper->deliveries.empty());
    EXPECT_EQ(publisher->settlement(2)->matches, 0u);
    EXPECT_EQ(cluster.gate().durable_sessions().messages().size(), 0u);
}

TEST(DurableSessions, AreNotDiscardedByWhoOnlyWantsTheName) {
    constexpr SessionTerms name_alone{.spares_kept = true};
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", qos1);
    sleeper.client.reset();
    FakeSession passing("sleeper");
    EXPECT_EQ(cluster.gate().open(passing, name_alone).error(), make_error_code(Errc::name_kept));
    FakeSession stranger("sleeper", "another");
    EXPECT_EQ(cluster.gate().open(stranger, name_alone).error(), make_error_code(Errc::denied)) << "whose name it is not";
    FakeClient publisher(cluster);
    publisher.publish("a", "kept", qos1);
    EXPECT_TRUE(sleeper.connect().found.resumed);
    EXPECT_EQ(sleeper->payloads(), Texts{"kept"});
    EXPECT_FALSE(FakeClient(cluster, "sleeper", name_alone).opened) << "nor taken from who is connected";
    EXPECT_EQ(sleeper->closed, std::nullopt);
    FakeClient first(cluster, "passing", name_alone);
    EXPECT_TRUE(FakeClient(cluster, "passing", name_alone).opened) << "where nothing is kept, the newer one has the name";
}

TEST(DurableSessions, EndWithTheConnectionWhenToldSo) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect();
    sleeper.client.reset();
    EXPECT_TRUE(sleeper.connect({0s, false}).found.resumed) << "MQTT 5: resumed, but not for another time";
    sleeper.client.reset();
    EXPECT_FALSE(sleeper.connect().found.resumed);
    sleeper.client->gate().change_expiry(*sleeper, 0s);
    EXPECT_FALSE(sleeper.connect().found.resumed);
}

TEST(DurableSessions, ExpireOnTime) {
    TestCluster cluster;
    FakeClient watcher(cluster);
    watcher.subscribe("$SYS/sessions/+/+/expired");
    Sleeper sleeper(cluster);
    sleeper.connect({10s, false}).subscribe("a", qos1);
    cluster.advance(20s);
    sleeper.client.reset();
    cluster.advance(9'990ms);
    EXPECT_EQ(cluster.gate().durable_sessions().size(), 1u);
    cluster.advance(20ms);
    EXPECT_EQ(cluster.gate().durable_sessions().size(), 0u);
    ASSERT_EQ(watcher->deliveries.size(), 1u);
    EXPECT_EQ(watcher->deliveries[0].topic, "$SYS/sessions/fake/sleeper/expired");
    EXPECT_FALSE(sleeper.connect().found.resumed);
}

TEST(DurableSessions, StayForEver) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect({Duration::max(), false});
    sleeper.client.reset();
    cluster.advance(24h * 365 * 10);
    EXPECT_TRUE(sleeper.connect().found.resumed);
}

TEST(DurableSessions, AreTakenOver) {
    TestCluster cluster;
    FakeClient old(cluster, "robot", kept);
    old.subscribe("a", qos1);
    FakeClient publisher(cluster);
    publisher.publish("a", "1", qos1);
    FakeClient young(cluster, "robot", kept);
    EXPECT_EQ(old->closed, CloseReason::taken_over);
    EXPECT_TRUE(young.found.resumed);
    EXPECT_EQ(young->deliveries.at(0).repeat, Repeat::maybe);
    old.acknowledge(1);
    FakeClient youngest(cluster, "robot", kept);
    EXPECT_EQ(youngest->payloads(), Texts{"1"}) << "the old connection has no say";
}

TEST(DurableSessions, TakeOverFromOneThatGoesLater) {
    TestCluster cluster;
    FakeClient old(cluster, "robot", kept);
    old->close_through = nullptr;
    FakeClient young(cluster, "robot", kept);
    EXPECT_TRUE(young.found.resumed);
    old.close();
    young.subscribe("a", qos1);
    FakeClient(cluster).publish("a", "x", qos1);
    EXPECT_EQ(young->payloads(), Texts{"x"});
}

TEST(DurableSessions, FollowAnOrdinarySessionOfTheName) {
    TestCluster cluster;
    FakeClient ordinary(cluster, "robot", SessionTerms{});
    FakeClient durable(cluster, "robot", kept);
    EXPECT_EQ(ordinary->closed, CloseReason::taken_over);
    EXPECT_FALSE(durable.found.resumed);
    FakeClient again(cluster, "robot", SessionTerms{});
    EXPECT_EQ(durable->closed, CloseReason::taken_over);
    EXPECT_EQ(cluster.gate().durable_sessions().size(), 0u) << "clean start";
}

// Threat 9: a session belongs to its principal, whoever comes under its name.
TEST(Threat9SessionTakeover, ASessionIsNeverGivenToAnotherPrincipal) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect(kept, "alice").subscribe("a", qos1);
    FakeClient(cluster).publish("a", "for alice", qos1);
    FakeClient live(cluster, "sleeper", kept, "mallory");
    EXPECT_FALSE(live.opened);
    EXPECT_FALSE(sleeper->closed.has_value());
    sleeper.client.reset();
    EXPECT_FALSE(FakeClient(cluster, "sleeper", kept, "mallory").opened);
    EXPECT_FALSE(FakeClient(cluster, "sleeper", fresh, "mallory").opened) << "nor may he discard it";
    EXPECT_FALSE(FakeClient(cluster, "sleeper", SessionTerms{}, "mallory").opened);
    EXPECT_TRUE(FakeClient(cluster, "sleeper", kept, "mallory", TenantId{1}).opened) << "another tenant's name is another name";
    EXPECT_TRUE(sleeper.connect(kept, "alice").found.resumed);
    EXPECT_EQ(sleeper->payloads(), Texts{"for alice"});
}

// Threats 6 and 7: what was allowed when a message was queued may not be when it is due.
TEST(Threat6ReplayAfterRevoke, ASleepingSessionGetsOnlyWhatItMayReceiveNow) {
    const auto revoked = std::make_shared<bool>(false);
    const auto policy = ruled([revoked](const Principal& who, Verb verb, std::string_view topic) {
        return *revoked && who.name == "alice" && verb == Verb::receive && topic == "secret" ? Outcome::deny : Outcome::allow;
    });
    TestCluster cluster(1, 1, policy);
    Sleeper sleeper(cluster);
    sleeper.connect(kept, "alice").subscribe("#", qos2);
    sleeper.client.reset();
    FakeClient publisher(cluster);
    publisher.publish("secret", "queued before", qos1);
    publisher.publish("public", "harmless", qos1);
    *revoked = true;
    ++policy->epoch;
    publisher.publish("secret", "after", qos1);
    sleeper.connect(kept, "alice");
    EXPECT_EQ(sleeper->payloads(), Texts{"harmless"});
}

TEST(Threat6ReplayAfterRevoke, WhatAGroupsMemberMayNotHaveAnyMoreGoesToAnother) {
    const auto revoked = std::make_shared<bool>(false);
    const auto policy = ruled([revoked](const Principal& who, Verb verb, std::string_view) {
        return *revoked && who.name == "alice" && verb == Verb::receive ? Outcome::deny : Outcome::allow;
    });
    TestCluster cluster(3, 1, policy);
    Sleeper sleeper(cluster);
    sleeper.connect(kept, "alice").subscribe("$share/g/a", qos1);
    cluster.settle();
    sleeper.client.reset();
    FakeClient publisher(cluster);
    publisher.publish("a", "queued before", qos1);
    cluster.settle();
    FakeClient other(cluster, "other");
    other.subscribe("$share/g/a", qos1);
    cluster.settle();
    *revoked = true;
    ++policy->epoch;
    sleeper.connect(kept, "alice");
    cluster.settle();
    EXPECT_TRUE(sleeper->deliveries.empty());
    EXPECT_EQ(other->payloads(), Texts{"queued before"});
}

TEST(Threat7RevokedInFlight, WhatWasInFlightIsAskedAgainForTheNewConnection) {
    const auto revoked = std::make_shared<bool>(false);
    const auto policy = ruled([revoked](const Principal&, Verb verb, std::string_view topic) {
        return *revoked && verb == Verb::receive && topic == "secret" ? Outcome::deny : Outcome::allow;
    });
    TestCluster cluster(1, 1, policy);
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("#", qos2);
    FakeClient publisher(cluster);
    publisher.publish("secret", "in flight", qos2);
    publisher.publish("secret", "received", qos2);
    sleeper.client->acknowledge(2, Progress::received);
    *revoked = true;
    ++policy->epoch;
    sleeper.connect();
    ASSERT_EQ(sleeper->deliveries.size(), 1u);
    EXPECT_EQ(sleeper->deliveries[0].repeat, Repeat::release) << "its release holds no message";
}

// Threat 7: who lost the right to connect gets nothing of what was kept for it.
TEST(Threat7RevokedConnect, ASleepingSessionOfABannedPrincipalStaysClosed) {
    const auto banned = std::make_shared<bool>(false);
    const auto policy = ruled([banned](const Principal&, Verb verb, std::string_view) {
        return *banned && verb == Verb::connect ? Outcome::deny : Outcome::allow;
    });
    TestCluster cluster(1, 1, policy);
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("#", qos2);
    sleeper.client.reset();
    *banned = true;
    ++policy->epoch;
    EXPECT_FALSE(sleeper.connect().opened);
    EXPECT_TRUE(sleeper->deliveries.empty());
}

TEST(DurableSessions, DoNotHearThemselvesAcrossConnections) {
    TestCluster cluster;
    Sleeper sleeper(cluster);
    sleeper.connect().subscribe("a", {0, qos1, RetainHandling::send, true, false});
    sleeper.client->publish("a", "own", qos1);
    EXPECT_TRUE(sleeper->deliveries.empty());
    sleeper.connect();
    sleeper.client->publish("a", "own", qos1);
    EXPECT_TRUE(sleeper->deliveries.empty());
    FakeClient(cluster).publish("a", "other", qos1);
    EXPECT_EQ(sleeper->payloads(), Texts{"other"});
}

TEST(DurableSessions, AreReachedByName) {
    TestCluster cluster(3);
    Sleeper sleeper(cluster);
    sleeper.connect();
    sleeper.client.reset();
    FakeClient sender(cluster, "", 1);
    sender.publish("$to/sleeper", "while you slept", qos1, 1);
    cluster.settle();
    EXPECT_EQ(sender->settlement(1)->code, Errc::ok);
    sleeper.connect();
    EXPECT_EQ(sleeper->payloads(), Texts{"while you slept"});
}

TEST(DurableSessions, LiveOnAnyOfSeveralCores) {
    TestCluster cluster(4);
    std::vector<std::unique_ptr<Sleeper>> sleepers;
    for (int i = 0; i < 20; ++i) {
        sleepers.push_back(std::make_unique<Sleeper>(cluster, "s" + std::to_string(i)));
        sleepers.back()->connect().subscribe("a", qos1);
        cluster.settle();
        sleepers.back()->client.reset();
    }
    FakeClient publisher(cluster, "", 2);
    publisher.publish("a", "x", qos1, 1);
    cluster.settle();
    for (const auto& each : sleepers) {
        each->connect();
        EXPECT_EQ((*each)->payloads(), Texts{"x"});
    }
}

TEST(DurableSessions, AnswerASubscribeOnlyToTheConnectionThatAsked) {
    TestCluster cluster(2);
    Sleeper sleeper(cluster);
    sleeper.connect();
    EXPECT_EQ(sleeper.client->subscribe("a", qos1), std::nullopt) << "the other core has not confirmed";
    sleeper.connect();
    cluster.settle();
    EXPECT_TRUE(sleeper->settlements.empty());
    FakeClient publisher(cluster, "", 1);
    publisher.publish("a", "x", qos1);
    cluster.settle();
    EXPECT_EQ(sleeper->payloads(), Texts{"x"}) << "the subscription is the session's";
    sleeper.client->unsubscribe("a");
    EXPECT_EQ(sleeper->settlements.at(0).each, std::vector<Errc>{Errc::ok});
}

TEST(DurableSessions, PublishWithAnIdOnce) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.subscribe("a", qos2);
    Sleeper sleeper(cluster);
    const auto publish = [&](std::uint16_t id, std::uint64_t token) {
        Draft draft = sleeper.client->draft("a", "x", qos2);
        draft.exactly_once_id = id;
        sleeper.client->gate().publish(*sleeper, std::move(draft), Token{token});
        return sleeper->settlement(token)->code;
    };
    sleeper.connect();
    EXPECT_EQ(publish(5, 1), Errc::ok);
    EXPECT_EQ(publish(5, 2), Errc::ok);
    EXPECT_EQ(publish(3, 3), Errc::ok);
    EXPECT_EQ(reader->deliveries.size(), 2u);
    EXPECT_EQ(sleeper.connect().found.unreleased, (std::vector<std::uint16_t>{3, 5}));
    EXPECT_EQ(publish(5, 4), Errc::ok);
    sleeper.client->gate().release(*sleeper, 5, Token{6});
    EXPECT_EQ(sleeper->settlement(6)->code, Errc::ok);
    EXPECT_EQ(publish(5, 7), Errc::ok);
    EXPECT_EQ(reader->deliveries.size(), 3u);
}

}  // namespace
}  // namespace junctor
