#include "core/session/home_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/fake_client.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::FakeSession;
using test::TestCluster;

/// A wire on a core that is not its session's home.
class HomeLinkTest : public testing::Test {
protected:
    HomeLinkTest() {
        wire.close_through = nullptr;
        link.open({}, 10, [this](const Result<Opened>& result) { opened = result.has_value() ? Errc::ok : static_cast<Errc>(result.error().value()); });
    }
    ~HomeLinkTest() override {
        link.close(CloseReason::normal);
        cluster.settle();
    }

    std::size_t elsewhere() { return cluster.home_of("desk") == 0 ? 1 : 0; }
    void subscribe(const std::string& filter, std::uint64_t token = 7) {
        link.subscribe({*TopicFilter::parse({}, filter), {}}, Token{token});
        cluster.settle();
    }

    TestCluster cluster{2};
    FakeSession wire{"desk"};
    HomeLink link{cluster.core(elsewhere()), wire};
    std::optional<Errc> opened;
};

TEST_F(HomeLinkTest, OpensAtItsHome) {
    EXPECT_FALSE(opened) << "the answer comes by mail";
    cluster.settle();
    EXPECT_EQ(opened, Errc::ok);
    EXPECT_NE(cluster.core(cluster.home_of("desk")).sessions().find(TenantId{}, "desk"), nullptr);
    EXPECT_EQ(cluster.core(elsewhere()).sessions().size(), 0U);
}

TEST_F(HomeLinkTest, ReceivesWhatItSubscribedToEncodedForItsWire) {
    cluster.settle();
    subscribe("a/#");
    ASSERT_NE(wire.settlement(7), nullptr);
    EXPECT_EQ(wire.settlement(7)->each, std::vector<Errc>{Errc::ok});
    FakeClient publisher(cluster);
    publisher.publish("a/b", "1");
    publisher.publish("a/c", "2");
    cluster.settle();
    EXPECT_EQ(wire.payloads(), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(wire.deliveries[0].encoded, "1");
    link.unsubscribe(*TopicFilter::parse({}, "a/#"), Token{8});
    cluster.settle();
    publisher.publish("a/b", "3");
    cluster.settle();
    EXPECT_EQ(wire.deliveries.size(), 2U);
}

TEST_F(HomeLinkTest, PublishesWhatHasGoneWhenItArrives) {
    cluster.settle();
    FakeClient reader(cluster);
    reader.subscribe("t");
    cluster.settle();
    {
        const std::string topic = "t", payload = "text";
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes(payload);
        link.publish(std::move(draft), Token{1});
    }
    cluster.settle();
    EXPECT_EQ(reader->payloads(), std::vector<std::string>{"text"});
    ASSERT_NE(wire.settlement(1), nullptr);
    EXPECT_EQ(wire.settlement(1)->matches, 1U);
}

TEST_F(HomeLinkTest, IsAddressedByItsNameAndAnswers) {
    cluster.settle();
    FakeClient sender(cluster);
    sender.send("$to/desk", "for you", 5);
    cluster.settle();
    EXPECT_EQ(wire.payloads(), std::vector<std::string>{"for you"});
    EXPECT_EQ(sender->settlement(5)->code, Errc::ok);
}

TEST_F(HomeLinkTest, RequestsAreAnswered) {
    cluster.settle();
    FakeClient service(cluster);
    service.subscribe("service");
    cluster.settle();
    Draft draft;
    draft.topic = *Topic::parse({}, "service");
    link.request(std::move(draft), 5s, Token{3});
    cluster.settle();
    ASSERT_EQ(service->deliveries.size(), 1U);
    service.publish(service->deliveries[0].envelope->extras()->reply_to, "answer");
    cluster.settle();
    ASSERT_EQ(wire.answers.size(), 1U);
    EXPECT_EQ(as_text(wire.answers[0].reply->payload()), "answer");
}

TEST_F(HomeLinkTest, HearsThatASubscriptionWasRevoked) {
    cluster.settle();
    Session* const stand_in = cluster.core(cluster.home_of("desk")).sessions().find(TenantId{}, "desk");
    ASSERT_NE(stand_in, nullptr);
    stand_in->revoked(*TopicFilter::parse({}, "a/#"), "the rules have changed");
    cluster.settle();
    EXPECT_EQ(wire.revoked_filters, std::vector<std::string>{"a/#"});
}

TEST_F(HomeLinkTest, HearsThatItWasTakenOver) {
    cluster.settle();
    FakeClient second(cluster, "desk");
    EXPECT_TRUE(second.opened);
    cluster.settle();
    EXPECT_EQ(wire.closed, CloseReason::taken_over);
}

TEST_F(HomeLinkTest, NothingComesAfterItWasClosed) {
    cluster.settle();
    subscribe("a");
    FakeClient publisher(cluster);
    publisher.publish("a", "under way");
    link.close(CloseReason::normal);
    cluster.settle();
    EXPECT_TRUE(wire.deliveries.empty());
    EXPECT_EQ(cluster.core(cluster.home_of("desk")).sessions().find(TenantId{}, "desk"), nullptr);
}

TEST_F(HomeLinkTest, ClosingBeforeTheAnswerLeavesNothingOpen) {
    link.close(CloseReason::normal);
    cluster.settle();
    EXPECT_FALSE(opened);
    EXPECT_EQ(cluster.core(cluster.home_of("desk")).sessions().size(), 0U);
}

// MQTT 5.0 section 4.8.2, for whoever is a member from afar.
TEST_F(HomeLinkTest, AGroupGetsBackWhatHadNotReachedTheWire) {
    cluster.settle();
    FakeClient other(cluster, "", elsewhere()), publisher(cluster, "", elsewhere());
    link.subscribe({*TopicFilter::parse({}, "$share/g/a"), {0, Qos::at_least_once, RetainHandling::send, false, false}}, Token{7});
    other.subscribe("$share/g/a", Qos::at_least_once);
    cluster.settle();
    for (int i = 0; i < 4; ++i) publisher.publish("a", std::to_string(i), Qos::at_least_once);
    cluster.carry_all(elsewhere(), cluster.home_of("desk"));
    EXPECT_TRUE(wire.deliveries.empty());
    link.close(CloseReason::connection_lost);
    cluster.settle();
    EXPECT_TRUE(wire.deliveries.empty());
    std::vector<std::string> all = other->payloads();
    std::ranges::sort(all);
    EXPECT_EQ(all, (std::vector<std::string>{"0", "1", "2", "3"}));
}

TEST_F(HomeLinkTest, WhatHasReachedTheWireIsHandedBackByTheWireAlone) {
    cluster.settle();
    FakeClient other(cluster, "", elsewhere()), publisher(cluster, "", elsewhere());
    link.subscribe({*TopicFilter::parse({}, "$share/g/a"), {0, Qos::at_least_once, RetainHandling::send, false, false}}, Token{7});
    other.subscribe("$share/g/a", Qos::at_least_once);
    cluster.settle();
    for (int i = 0; i < 4; ++i) publisher.publish("a", std::to_string(i), Qos::at_least_once);
    cluster.settle();
    const std::size_t here = wire.deliveries.size();
    EXPECT_GT(here, 0U);
    link.close(CloseReason::connection_lost);
    cluster.settle();
    EXPECT_EQ(other->deliveries.size(), 4U) << "each of them once";
}

TEST(HomeLinkAtHome, SpeaksToTheGateDirectly) {
    TestCluster cluster(1);
    FakeSession wire("desk");
    HomeLink link(cluster.core(), wire);
    bool opened = false;
    link.open({}, 10, [&](const Result<Opened>& result) { opened = result.has_value(); });
    EXPECT_TRUE(opened);
    link.subscribe({*TopicFilter::parse({}, "a"), {}}, Token{1});
    Draft draft;
    draft.topic = *Topic::parse({}, "a");
    link.publish(std::move(draft), Token{2});
    EXPECT_EQ(wire.deliveries.size(), 1U);
    link.close(CloseReason::normal);
    EXPECT_EQ(cluster.core().sessions().size(), 0U);
}

}  // namespace
}  // namespace junctor
