#include "core/routing/router.hpp"

#include <gtest/gtest.h>

#include "core/observe/metrics.hpp"
#include "core/routing/routing_metrics.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::TestCluster;
using Texts = std::vector<std::string>;

TEST(Router, DeliversWhatMatches) {
    TestCluster cluster;
    FakeClient publisher(cluster);
    FakeClient reader(cluster);
    EXPECT_EQ(reader.subscribe("a/+", Qos::at_least_once), Errc::ok);
    publisher.publish("a/b", "1", Qos::at_least_once, 7);
    publisher.publish("b", "2");
    EXPECT_EQ(reader->payloads(), Texts{"1"});
    EXPECT_EQ(reader->deliveries[0].qos, Qos::at_least_once);
    EXPECT_EQ(reader->deliveries[0].encoded, "1");
    EXPECT_FALSE(reader->deliveries[0].retain);
    ASSERT_NE(publisher->settlement(7), nullptr);
    EXPECT_EQ(publisher->settlement(7)->code, Errc::ok);
    EXPECT_EQ(publisher->settlement(7)->matches, 1u);
}

TEST(Router, LowersTheQosToWhatWasGranted) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.subscribe("a", Qos::at_least_once);
    for (const Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) reader.publish("a", "x", qos);
    ASSERT_EQ(reader->deliveries.size(), 3u);
    EXPECT_EQ(reader->deliveries[0].qos, Qos::at_most_once);
    EXPECT_EQ(reader->deliveries[1].qos, Qos::at_least_once);
    EXPECT_EQ(reader->deliveries[2].qos, Qos::at_least_once);
}

TEST(Router, TellsThatNobodyMatches) {
    TestCluster cluster;
    FakeClient publisher(cluster);
    publisher.publish("a", "1", Qos::at_least_once, 3);
    ASSERT_NE(publisher->settlement(3), nullptr);
    EXPECT_EQ(publisher->settlement(3)->matches, 0u);
    EXPECT_EQ(publisher->settlement(3)->code, Errc::ok);
}

TEST(Router, MergesOverlappingSubscriptions) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.subscribe("a/#", {9, Qos::at_most_once});
    reader.subscribe("a/b", {3, Qos::exactly_once});
    reader.subscribe("+/b", {0, Qos::at_least_once});
    reader.publish("a/b", "x", Qos::exactly_once);
    ASSERT_EQ(reader->deliveries.size(), 1u);
    EXPECT_EQ(reader->deliveries[0].qos, Qos::exactly_once);
    EXPECT_EQ(reader->deliveries[0].subscription_ids, (std::vector<std::uint32_t>{3, 9}));
}

TEST(Router, HonoursNoLocalPerSubscription) {
    TestCluster cluster;
    FakeClient self(cluster);
    FakeClient other(cluster);
    SubscribeOptions not_own{5, Qos::exactly_once};
    not_own.no_local = true;
    self.subscribe("a/#", not_own);
    self.publish("a/b", "own");
    other.publish("a/b", "other");
    EXPECT_EQ(self->payloads(), Texts{"other"});
    self.subscribe("a/b", {6, Qos::at_least_once});
    self.publish("a/b", "own again", Qos::exactly_once);
    ASSERT_EQ(self->deliveries.size(), 2u);
    EXPECT_EQ(self->deliveries[1].qos, Qos::at_least_once);
    EXPECT_EQ(self->deliveries[1].subscription_ids, std::vector<std::uint32_t>{6});
    other.publish("a/b", "both", Qos::exactly_once);
    EXPECT_EQ(self->deliveries[2].qos, Qos::exactly_once);
    EXPECT_EQ(self->deliveries[2].subscription_ids, (std::vector<std::uint32_t>{5, 6}));
}

TEST(Router, EncodesOncePerVariant) {
    TestCluster cluster;
    FakeClient publisher(cluster);
    std::deque<FakeClient> readers;
    for (int i = 0; i < 30; ++i) {
        readers.emplace_back(cluster);
        readers.back()->wire_bits = static_cast<std::uint16_t>(i % 3);
        readers.back().subscribe("a");
    }
    publisher.publish("a", "x");
    int encodings = 0;
    for (FakeClient& each : readers) {
        encodings += each->encodings;
        EXPECT_EQ(each->deliveries.at(0).encoded, "x");
    }
    EXPECT_EQ(encodings, 3);
}

TEST(Router, StopsAfterUnsubscribe) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.subscribe("a");
    EXPECT_EQ(reader.unsubscribe("a"), Errc::ok);
    EXPECT_EQ(reader.unsubscribe("a"), Errc::bad_filter);
    reader.publish("a", "x");
    EXPECT_TRUE(reader->deliveries.empty());
}

TEST(Router, ReplacesTheOptionsOfASubscription) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.subscribe("a", {1, Qos::at_most_once});
    reader.subscribe("a", {2, Qos::at_least_once});
    reader.publish("a", "x", Qos::exactly_once);
    ASSERT_EQ(reader->deliveries.size(), 1u);
    EXPECT_EQ(reader->deliveries[0].qos, Qos::at_least_once);
    EXPECT_EQ(reader->deliveries[0].subscription_ids, std::vector<std::uint32_t>{2});
    reader.unsubscribe("a");
    EXPECT_EQ(cluster.total(routing_metrics().subscriptions), 0);
}

TEST(Router, ReplaysRetainedValuesAfterTheConfirmation) {
    TestCluster cluster;
    FakeClient publisher(cluster);
    FakeClient reader(cluster);
    publisher.retain("a/1", "one");
    publisher.retain("a/2", "two");
    publisher.retain("a/2", "");
    bool replayed_first = false;
    reader->on_settled = [&](Token, const Receipt&) { replayed_first = !reader->deliveries.empty(); };
    reader.subscribe("a/#", {4, Qos::at_most_once});
    EXPECT_FALSE(replayed_first);
    ASSERT_EQ(reader->payloads(), Texts{"one"});
    EXPECT_TRUE(reader->deliveries[0].retain);
    EXPECT_EQ(reader->deliveries[0].subscription_ids, std::vector<std::uint32_t>{4});
    publisher.retain("a/1", "live");
    EXPECT_FALSE(reader->deliveries[1].retain);
}

TEST(Router, KeepsTheRetainFlagWhereAsked) {
    TestCluster cluster;
    FakeClient reader(cluster);
    SubscribeOptions options;
    options.retain_as_published = true;
    reader.subscribe("a", options);
    reader.retain("a", "1");
    reader.publish("a", "2");
    EXPECT_TRUE(reader->deliveries[0].retain);
    EXPECT_FALSE(reader->deliveries[1].retain);
}

TEST(Router, HonoursRetainHandling) {
    TestCluster cluster;
    FakeClient reader(cluster);
    reader.retain("a", "1");
    SubscribeOptions options;
    options.retain_handling = RetainHandling::never;
    reader.subscribe("a", options);
    EXPECT_TRUE(reader->deliveries.empty());
    options.retain_handling = RetainHandling::send_if_new;
    reader.subscribe("a", options);
    EXPECT_TRUE(reader->deliveries.empty());
    reader.unsubscribe("a");
    reader.subscribe("a", options);
    EXPECT_EQ(reader->deliveries.size(), 1u);
    options.retain_handling = RetainHandling::send;
    reader.subscribe("a", options);
    EXPECT_EQ(reader->deliveries.size(), 2u);
}

TEST(Router, DropsExpiredMessages) {
    TestCluster cluster;
    FakeClient publisher(cluster);
    FakeClient reader(cluster);
    reader.subscribe("a");
    Draft late = publisher.draft("a", "late");
    late.ttl = 0s;
    cluster.gate().publish(*publisher, std::move(late), Token{5});
    EXPECT_TRUE(reader->deliveries.empty());
    EXPECT_EQ(publisher->settlement(5)->code, Errc::expired);
    Draft retained = publisher.draft("b", "soon gone");
    retained.retain = true;
    retained.ttl = 5s;
    cluster.gate().publish(*publisher, std::move(retained), {});
    EXPECT_EQ(cluster.total(routing_metrics().retained), 1);
    cluster.clock.advance(6s);
    cluster.core().begin_round();
    reader.subscribe("b");
    EXPECT_TRUE(reader->deliveries.empty());
    cluster.advance(1s);
    EXPECT_EQ(cluster.total(routing_metrics().retained), 0) << "swept";
    EXPECT_EQ(cluster.core().timers().next_due(), TimePoint::max()) << "nothing is left to sweep";
}

TEST(Router, SendsToOneInTurn) {
    TestCluster cluster;
    FakeClient sender(cluster);
    std::deque<FakeClient> workers;
    for (int i = 0; i < 3; ++i) workers.emplace_back(cluster).subscribe("jobs/#");
    for (int i = 0; i < 9; ++i) sender.send("jobs/x", std::to_string(i), 1);
    for (FakeClient& each : workers) EXPECT_EQ(each->deliveries.size(), 3u);
    EXPECT_EQ(sender->settlement(1)->matches, 1u);
    workers[0]->result = DeliverResult::refused;
    for (int i = 0; i < 6; ++i) sender.send("jobs/x", "again");
    EXPECT_EQ(workers[1]->deliveries.size() + workers[2]->deliveries.size(), 12u);
}

TEST(Router, TellsThatASendFoundNobody) {
    TestCluster cluster;
    FakeClient sender(cluster);
    sender.send("jobs/x", "1", 4);
    EXPECT_EQ(sender->settlement(4)->code, Errc::no_receivers);
    FakeClient full(cluster);
    full.subscribe("jobs/x");
    full->result = DeliverResult::refused;
    sender.send("jobs/x", "1", 5);
    EXPECT_EQ(sender->settlement(5)->code, Errc::no_receivers);
    EXPECT_EQ(cluster.total(routing_metrics().undeliverable), 2);
}

TEST(Router, DeliversOneToOne) {
    TestCluster cluster;
    FakeClient sender(cluster);
    FakeClient robot(cluster, "robot/7");
    sender.publish("$to/robot%2F7", "hello", Qos::at_least_once, 1);
    sender.publish("$to/robot/7", "again", Qos::at_least_once, 2);
    sender.publish("$to/nobody", "lost", Qos::at_least_once, 3);
    EXPECT_EQ(robot->payloads(), (Texts{"hello", "again"}));
    EXPECT_EQ(sender->settlement(1)->code, Errc::ok);
    EXPECT_EQ(sender->settlement(3)->code, Errc::no_receivers);
}

TEST(Router, KeepsItsOrderWhenSessionsPublishFromWithinDeliveries) {
    TestCluster cluster;
    FakeClient first(cluster);
    FakeClient second(cluster);
    FakeClient publisher(cluster);
    for (FakeClient* each : {&first, &second}) {
        each->subscribe("a");
        (*each)->on_deliver = [each](const Delivery& delivery) {
            if (as_text(delivery.envelope->payload()) == "question") each->publish("a", "answer");
        };
    }
    publisher.publish("a", "question");
    EXPECT_EQ(first->payloads(), (Texts{"question", "answer", "answer"}));
    EXPECT_EQ(second->payloads(), (Texts{"question", "answer", "answer"}));
}

TEST(Router, SurvivesSessionsThatLeaveDuringAFanOut) {
    TestCluster cluster;
    FakeClient publisher(cluster);
    std::vector<std::unique_ptr<FakeClient>> readers;
    for (int i = 0; i < 10; ++i) {
        readers.push_back(std::make_unique<FakeClient>(cluster));
        readers.back()->subscribe("a");
    }
    // The first one called takes all others away, and itself.
    std::size_t delivered = 0;
    for (const auto& each : readers) {
        FakeClient* self = each.get();
        (*each)->on_deliver = [&, self](const Delivery&) {
            ++delivered;
            for (auto& other : readers)
                if (other.get() != self) other.reset();
            self->close();
        };
    }
    publisher.publish("a", "x");
    EXPECT_EQ(delivered, 1u);
    publisher.publish("a", "y");
    EXPECT_EQ(delivered, 1u);
    EXPECT_EQ(cluster.core().sessions().size(), 1u);
}

TEST(Router, SurvivesASessionThatLeavesWhenItsSubscribeIsConfirmed) {
    TestCluster cluster;
    FakeClient publisher(cluster);
    publisher.retain("a/1", "x");
    publisher.retain("a/2", "x");
    FakeClient on_answer(cluster);
    on_answer->on_settled = [&](Token, const Receipt&) { on_answer.close(); };
    on_answer.subscribe("a/#");
    EXPECT_TRUE(on_answer->deliveries.empty());
    FakeClient on_replay(cluster);
    on_replay->on_deliver = [&](const Delivery&) { on_replay.close(); };
    on_replay.subscribe("a/#");
    EXPECT_EQ(on_replay->deliveries.size(), 1u);
}

TEST(Router, ForgetsAllOfASessionThatLeaves) {
    TestCluster cluster(2);
    {
        FakeClient reader(cluster);
        for (int i = 0; i < 100; ++i) reader.subscribe("a/" + std::to_string(i) + "/#");
        cluster.settle();
        EXPECT_EQ(cluster.total(routing_metrics().subscriptions), 100);
    }
    cluster.settle();
    EXPECT_EQ(cluster.total(routing_metrics().subscriptions), 0);
    EXPECT_FALSE(cluster.gate(1).router().wanted({}, "a"));
    EXPECT_FALSE(cluster.gate(0).router().wanted({}, "a"));
}

TEST(Router, KeepsTenantsApart) {
    TestCluster cluster;
    FakeClient one(cluster, {}, 0, TenantId{1});
    FakeClient two(cluster, {}, 0, TenantId{2});
    one.subscribe("#");
    two.subscribe("#");
    one.publish("a", "mine");
    EXPECT_EQ(one->payloads(), Texts{"mine"});
    EXPECT_TRUE(two->deliveries.empty());
}

}  // namespace
}  // namespace junctor
