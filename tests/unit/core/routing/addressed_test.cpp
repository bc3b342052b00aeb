#include "core/routing/addressed.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "core/routing/routing_metrics.hpp"
#include "tests/support/fake_client.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::TestCluster;
using Texts = std::vector<std::string>;

TEST(Addressed, SendGoesToCoresByTurns) {
    TestCluster cluster(4);
    std::deque<FakeClient> workers;
    for (std::size_t core = 1; core < 4; ++core) workers.emplace_back(cluster, std::string(), core).subscribe("jobs");
    cluster.settle();
    FakeClient sender(cluster, {}, 0);
    for (std::uint64_t i = 1; i <= 30; ++i) sender.send("jobs", "x", i);
    cluster.settle();
    for (FakeClient& each : workers) EXPECT_EQ(each->deliveries.size(), 10u);
    for (std::uint64_t i = 1; i <= 30; ++i) EXPECT_EQ(sender->settlement(i)->code, Errc::ok);
    FakeClient local(cluster, {}, 0);
    local.subscribe("jobs");
    cluster.settle();
    for (int i = 0; i < 20; ++i) sender.send("jobs", "y");
    cluster.settle();
    EXPECT_EQ(local->deliveries.size(), 5u) << "the sender's own core has its turn, and no more";
    for (FakeClient& each : workers) EXPECT_EQ(each->deliveries.size(), 15u);
}

TEST(Addressed, ASendThatOtherCoresRefuseComesBack) {
    TestCluster cluster(3);
    std::deque<FakeClient> workers;
    for (std::size_t core = 0; core < 3; ++core) workers.emplace_back(cluster, std::string(), core).subscribe("jobs");
    cluster.settle();
    for (const std::size_t busy : {1u, 2u}) workers[busy]->result = DeliverResult::refused;
    FakeClient sender(cluster, {}, 0);
    for (std::uint64_t i = 1; i <= 6; ++i) sender.send("jobs", "x", i);
    cluster.settle();
    EXPECT_EQ(workers[0]->deliveries.size(), 6u);
    workers[0]->result = DeliverResult::refused;
    for (std::uint64_t i = 7; i <= 9; ++i) sender.send("jobs", "lost", i);
    cluster.settle();
    for (std::uint64_t i = 1; i <= 9; ++i) EXPECT_EQ(sender->settlement(i)->code, i <= 6 ? Errc::ok : Errc::no_receivers) << i;
    EXPECT_EQ(sender->settlements.size(), 9u) << "one receipt each";
}

TEST(Addressed, TryTheNextCoreWhenASendFindsNobody) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        TestCluster cluster(4, seed);
        std::deque<FakeClient> workers;
        for (std::size_t core = 1; core < 4; ++core) workers.emplace_back(cluster, std::string(), core).subscribe("jobs");
        cluster.settle();
        workers[0]->result = DeliverResult::refused;
        workers[1]->result = DeliverResult::refused;
        FakeClient sender(cluster, {}, 0);
        for (std::uint64_t i = 1; i <= 6; ++i) sender.send("jobs", "x", i);
        cluster.settle();
        EXPECT_EQ(workers[2]->deliveries.size(), 6u);
        workers[2].close();
        sender.send("jobs", "lost", 7);
        cluster.settle();
        EXPECT_EQ(sender->settlement(7)->code, Errc::no_receivers);
        EXPECT_EQ(sender->settlements.size(), 7u) << "one receipt each";
    }
}

TEST(Addressed, DeliverOneToOneAtTheReceiversHome) {
    TestCluster cluster(4);
    FakeClient sender(cluster, {}, 0);
    std::deque<FakeClient> robots;
    for (int i = 0; i < 8; ++i) robots.emplace_back(cluster, "robot" + std::to_string(i));
    for (int i = 0; i < 8; ++i) sender.publish("$to/robot" + std::to_string(i), "hello", Qos::at_least_once, static_cast<std::uint64_t>(i + 1));
    sender.publish("$to/robot9", "lost", Qos::at_least_once, 20);
    cluster.settle();
    for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_EQ(robots[i]->payloads(), Texts{"hello"});
        EXPECT_EQ(sender->settlement(i + 1)->code, Errc::ok);
    }
    EXPECT_EQ(sender->settlement(20)->code, Errc::no_receivers);
}

TEST(Addressed, AnswerRequestsAcrossCores) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        TestCluster cluster(4, seed);
        FakeClient responder(cluster, {}, 3);
        responder.subscribe("service");
        cluster.settle();
        responder->on_deliver = [&](const Delivery& delivery) {
            responder.publish(delivery.envelope->extras()->reply_to, "pong", Qos::at_least_once, 77);
            responder.publish(delivery.envelope->extras()->reply_to, "late", Qos::at_least_once, 78);
        };
        FakeClient requester(cluster, {}, 1);
        requester.request("service", "ping", 5s, 12);
        cluster.settle();
        ASSERT_EQ(requester->answers.size(), 1u);
        EXPECT_EQ(requester->answers[0].token.value, 12u);
        EXPECT_EQ(as_text(requester->answers[0].reply->payload()), "pong");
        EXPECT_EQ(responder->settlement(77)->code, Errc::ok);
        EXPECT_EQ(responder->settlement(78)->code, Errc::no_receivers) << "an address takes one answer";
        cluster.advance(10s);
        EXPECT_TRUE(requester->settlements.empty());
        EXPECT_EQ(cluster.total(routing_metrics().pending_requests), 0);
    }
}

}  // namespace
}  // namespace junctor
