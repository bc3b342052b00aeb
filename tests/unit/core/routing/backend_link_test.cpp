#include "core/routing/backend_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/routing/routing_metrics.hpp"
#include "core/store/keys.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::ModelStore;
using test::TestCluster;
using Texts = std::vector<std::string>;

/// A remote backend that does what the test says.
struct Remote final : Backend {
    Remote(Texts& its_calls, bool with_groups) : calls(its_calls), has_groups(with_groups) {}
    BackendTraits traits() const noexcept override {
        BackendTraits traits;
        traits.max_qos = Qos::at_least_once;
        traits.wildcards = true;
        traits.shared_groups = has_groups;
        traits.max_payload = 100;
        return traits;
    }
    void start(BackendSink& its, const BackendPlace& place) override {
        sink = &its;
        calls.push_back("start " + place.gateway);
    }
    void stop() noexcept override { calls.push_back("stop"); }
    void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override {
        calls.push_back("publish " + std::string(envelope->topic_text()));
        tickets.push_back(ticket);
    }
    bool has_left() const noexcept override { return left; }
    bool pass_on(const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept override {
        if (!has_groups) return false;
        calls.push_back("pass on " + group.canonical() + " " + std::to_string(envelope->passes()));
        tickets.push_back(ticket);
        return true;
    }
    void subscribe(const TopicFilter& filter, std::string_view) noexcept override { calls.push_back("subscribe " + filter.canonical()); }
    void unsubscribe(const TopicFilter& filter, std::string_view) noexcept override { calls.push_back("unsubscribe " + filter.canonical()); }
    void stored(Token receipt) noexcept override { calls.push_back("stored " + std::to_string(receipt.value)); }

    Texts& calls;
    const bool has_groups;
    BackendSink* sink = nullptr;
    std::vector<BackendTicket> tickets;
    bool left = true;
};

class BackendLinkTest : public ::testing::Test {
protected:
    explicit BackendLinkTest(bool has_groups = false) {
        auto owned = std::make_unique<Remote>(calls, has_groups);
        remote = owned.get();
        cluster = std::make_unique<TestCluster>(2, 1, PolicyPtr{}, Limits{}, &store, TestCluster::Remote{std::move(owned), "me"});
        calls.clear();
        remote->sink->available(true);
        cluster->settle();
    }

    void arrive(const std::string& topic, const std::string& payload, const std::string& hops, Token receipt, Qos qos = Qos::at_least_once) {
        Arrival arrival;
        arrival.draft.topic = *Topic::parse({}, topic);
        arrival.draft.payload = as_bytes(payload);
        arrival.draft.qos = qos;
        if (!hops.empty()) {
            arrival.draft.extras = std::make_unique<Extras>();
            arrival.draft.extras->hops = hops;
        }
        arrival.receipt = receipt;
        remote->sink->arrived(std::move(arrival));
        cluster->settle();
    }
    void confirm(const std::string& filter, Errc code = Errc::ok) {
        remote->sink->subscribed(*TopicFilter::parse({}, filter), {}, code);
        cluster->settle();
    }

    std::ptrdiff_t records_of_wills() {
        cluster->commit();
        return std::ranges::count_if(store.records(), [](const auto& record) { return keys::parse(record.first)->kind == keys::Kind::will; });
    }

    Texts calls;
    ModelStore store;
    Remote* remote = nullptr;
    std::unique_ptr<TestCluster> cluster;
};

TEST_F(BackendLinkTest, OnlyTheFirstAndTheLastOfTheGatewayCross) {
    FakeClient near(*cluster, {}, 0);
    FakeClient far(*cluster, {}, 1);
    EXPECT_FALSE(near.subscribe("a"));
    EXPECT_FALSE(far.subscribe("a"));
    cluster->settle();
    EXPECT_EQ(calls, Texts{"subscribe a"});
    EXPECT_TRUE(near->settlements.empty());
    confirm("a");
    EXPECT_EQ(near->settlements.size(), 1U);
    EXPECT_EQ(far->settlements.size(), 1U);
    near.unsubscribe("a");
    cluster->settle();
    far.unsubscribe("a");
    cluster->settle();
    EXPECT_EQ(calls, (Texts{"subscribe a", "unsubscribe a"}));
}

TEST_F(BackendLinkTest, WhatItRefusesIsRefused) {
    FakeClient client(*cluster, {}, 0);
    client.subscribe("a");
    cluster->settle();
    confirm("a", Errc::denied);
    ASSERT_EQ(client->settlements.size(), 1U);
    EXPECT_EQ(client->settlements[0].each[0], Errc::denied);
    client.subscribe("a");
    cluster->settle();
    EXPECT_EQ(calls, (Texts{"subscribe a", "subscribe a"}));
}

TEST_F(BackendLinkTest, AReceiptFindsItsPublisher) {
    FakeClient client(*cluster, {}, 0);
    client.publish("a", "x", Qos::at_least_once, 7);
    cluster->settle();
    EXPECT_EQ(calls, Texts{"publish a"});
    EXPECT_TRUE(client->settlements.empty());
    const BackendReceipt receipt{remote->tickets.at(0), Errc::quota_exceeded, 0};
    remote->sink->taken({&receipt, 1});
    cluster->settle();
    ASSERT_TRUE(client->settlement(7));
    EXPECT_EQ(client->settlement(7)->code, Errc::quota_exceeded);
}

TEST_F(BackendLinkTest, WhatTheTraitsRuleOutIsNotTried) {
    FakeClient client(*cluster, {}, 1);
    client.publish("a", std::string(101, 'x'), Qos::at_least_once, 1);
    client.publish("a", "x", Qos::exactly_once, 2);
    Draft kept = client.draft("a", "x");
    kept.retain = true;
    client.gate().publish(*client, std::move(kept), Token{3});
    client.subscribe("$share/g/a");
    cluster->settle();
    EXPECT_EQ(client->settlement(1)->code, Errc::too_large);
    EXPECT_EQ(client->settlement(2)->code, Errc::unsupported);
    EXPECT_EQ(client->settlement(3)->code, Errc::unsupported);
    EXPECT_EQ(client->settlements.back().each[0], Errc::unsupported);
    EXPECT_TRUE(calls.empty());
}

TEST_F(BackendLinkTest, AnArrivalIsStoredWhenItStandsDurably) {
    FakeClient durable(*cluster, "keeper", SessionTerms{1h, true});
    calls.clear();
    durable.subscribe("a", Qos::at_least_once);
    cluster->settle();
    confirm("a");
    cluster->commit();
    calls.clear();
    arrive("a", "x", "other", Token{9});
    EXPECT_TRUE(calls.empty());
    cluster->commit();
    EXPECT_EQ(calls, Texts{"stored 9"});
    arrive("nobody", "x", "other", Token{10});
    EXPECT_EQ(calls.back(), "stored 10");
}

TEST_F(BackendLinkTest, WhatHasBeenHereBeforeIsDroppedAndCounted) {
    FakeClient client(*cluster, {}, 0);
    client.subscribe("a");
    cluster->settle();
    confirm("a");
    arrive("a", "own", "me", Token{});
    arrive("a", "foreign", "other", Token{});
    EXPECT_EQ(client->payloads(), (Texts{"own", "foreign"}));
    arrive("a", "looped", "me,other", Token{});
    arrive("a", "looped", "x,me,me", Token{});
    EXPECT_EQ(client->payloads().size(), 2U);
    EXPECT_EQ(cluster->total(routing_metrics().dropped_looped), 2);
    EXPECT_FALSE(client->deliveries[0].envelope->extras());
    EXPECT_EQ(client->deliveries[1].envelope->extras()->hops, "other");
}

class BackendGroups : public BackendLinkTest {
protected:
    BackendGroups() : BackendLinkTest(true) {}

    /// Both at once; the backend has answered for the first one alone.
    void begin(FakeClient& client) {
        const SubscribeRequest requests[] = {{group, {}}, {*TopicFilter::parse({}, "other"), {}}};
        client.gate().subscribe(*client, requests, Token{1});
        cluster->settle();
        remote->sink->subscribed(group, "g", Errc::ok);
        cluster->settle();
        EXPECT_TRUE(client->settlements.empty());
    }
    void arrive_for_group(const std::string& payload, Token receipt = {}, std::uint8_t passes = 0) {
        Arrival arrival;
        arrival.draft.topic = *Topic::parse({}, "jobs");
        arrival.draft.payload = as_bytes(payload);
        arrival.draft.qos = receipt.value == 0 ? Qos::at_most_once : Qos::at_least_once;
        arrival.draft.passes = passes;
        arrival.receipt = receipt;
        arrival.group = &group;
        remote->sink->arrived(std::move(arrival));
        cluster->settle();
    }

    const TopicFilter group = *TopicFilter::parse({}, "$share/g/jobs");
};

// The backend has chosen this gateway: nobody else gets the message.
TEST_F(BackendGroups, AMessageReachesAMemberThatStillWaitsForOtherAnswers) {
    for (const std::size_t core : {0u, 1u}) {
        FakeClient client(*cluster, {}, core);
        begin(client);
        arrive_for_group("early");
        EXPECT_EQ(client->payloads(), Texts{"early"}) << "core " << core;
        confirm("other");
        ASSERT_EQ(client->settlements.size(), 1U);
        arrive_for_group("later");
        EXPECT_EQ(client->payloads(), (Texts{"early", "later"}));
        client.unsubscribe("$share/g/jobs");
        client.unsubscribe("other");
        cluster->settle();
        arrive_for_group("too late");
        EXPECT_EQ(client->payloads().size(), 2U);
    }
}

TEST_F(BackendGroups, WhoGoesBeforeItsAnswerIsNoMemberAnyMore) {
    auto client = std::make_unique<FakeClient>(*cluster, std::string(), 1);
    begin(*client);
    FakeClient other(*cluster, {}, 0);
    other.subscribe("$share/g/jobs");
    cluster->settle();
    client.reset();
    cluster->settle();
    for (int number = 0; number < 4; ++number) arrive_for_group(std::to_string(number));
    EXPECT_EQ(other->payloads(), (Texts{"0", "1", "2", "3"}));
}

TEST_F(BackendGroups, WhatNobodyHereTakesIsPassedOnBeforeTheBrokerHearsThatItIsHere) {
    for (std::size_t core = 0; core < 2; ++core) {
        FakeClient refuses(*cluster, {}, core);
        refuses.subscribe("$share/g/jobs");
        cluster->settle();
        remote->sink->subscribed(group, "g", Errc::ok);
        cluster->settle();
        refuses->result = DeliverResult::refused;
        calls.clear();
        arrive_for_group("x", Token{9 + core}, 3);
        EXPECT_EQ(calls, Texts{"pass on $share/g/jobs 3"});
        const BackendReceipt taken{remote->tickets.back(), Errc::ok, 1};
        remote->sink->taken({&taken, 1});
        cluster->settle();
        EXPECT_EQ(calls.back(), "stored " + std::to_string(9 + core));
        EXPECT_EQ(cluster->total(routing_metrics().undeliverable), 0);
    }
}

TEST_F(BackendGroups, WhatNobodyAnywhereTakesIsUndeliverable) {
    arrive_for_group("its last member has left", Token{1}, 0);
    EXPECT_EQ(calls, Texts{"pass on $share/g/jobs 0"});
    const BackendReceipt nobody{remote->tickets.back(), Errc::ok, 0};
    remote->sink->taken({&nobody, 1});
    cluster->settle();
    EXPECT_EQ(calls.back(), "stored 1");
    EXPECT_EQ(cluster->total(routing_metrics().undeliverable), 1);
    calls.clear();
    arrive_for_group("it has been everywhere", Token{2}, 8);
    EXPECT_EQ(calls, Texts{"stored 2"});
    EXPECT_EQ(cluster->total(routing_metrics().undeliverable), 2);
}

TEST_F(BackendGroups, AreSettledWhenNoReceiptIsOwedAndTheOtherSideKnowsWhatWasGivenUp) {
    EXPECT_TRUE(cluster->settled());
    arrive_for_group("its last member has left", Token{1}, 0);
    EXPECT_FALSE(cluster->settled());
    const BackendReceipt taken{remote->tickets.back(), Errc::ok, 1};
    remote->sink->taken({&taken, 1});
    EXPECT_TRUE(cluster->settled());
    remote->left = false;
    EXPECT_FALSE(cluster->settled());
}

TEST_F(BackendGroups, WhatTheLastMemberLeavesUndoneIsPassedOn) {
    auto member = std::make_unique<FakeClient>(*cluster, std::string(), 1);
    member->subscribe("$share/g/jobs", Qos::at_least_once);
    cluster->settle();
    remote->sink->subscribed(group, "g", Errc::ok);
    cluster->settle();
    arrive_for_group("x", Token{1}, 0);
    calls.clear();
    member.reset();
    cluster->settle();
    std::ranges::sort(calls);
    EXPECT_EQ(calls, (Texts{"pass on $share/g/jobs 0", "unsubscribe $share/g/jobs"}));
}

TEST_F(BackendLinkTest, TheGatewaysOwnTopicsStayInIt) {
    FakeClient client(*cluster, {}, 0);
    client.subscribe("$SYS/#");
    cluster->settle();
    EXPECT_EQ(client->settlements.size(), 1U);
    EXPECT_TRUE(calls.empty());
}

TEST_F(BackendLinkTest, AwayIsTrueOnEveryCore) {
    remote->sink->available(false);
    cluster->settle();
    for (std::size_t core = 0; core < 2; ++core) {
        FakeClient client(*cluster, {}, core);
        client.publish("a", "x", Qos::at_least_once, 1);
        cluster->settle();
        EXPECT_EQ(client->settlement(1)->code, Errc::unavailable);
    }
}

// On the way to its home, or as far as there.
TEST_F(BackendLinkTest, ANameThatIsOpenedWhileTheBackendGoesIsAnnouncedWhenItIsBack) {
    std::vector<std::unique_ptr<FakeClient>> clients;
    for (const char* name : {"one", "two", "three", "four"}) clients.push_back(std::make_unique<FakeClient>(*cluster, name));
    remote->sink->available(false);
    for (const BackendTicket& ticket : remote->tickets) {
        const BackendReceipt refused{ticket, Errc::unavailable, 0};
        remote->sink->taken({&refused, 1});
    }
    cluster->settle();
    calls.clear();
    remote->sink->available(true);
    cluster->settle();
    std::ranges::sort(calls);
    EXPECT_EQ(calls.size(), 4U);
    EXPECT_EQ(std::ranges::unique(calls).size(), 0U);
    EXPECT_TRUE(calls.front().starts_with("publish $backbone/opened/me/")) << calls.front();
}

/// Of a token, as another gateway tells it.
std::string revoked(const TestCluster& cluster) {
    const Revocation said{Revocation::Kind::token, {}, "one", cluster.clock.wall(), cluster.clock.wall() + 1h};
    return std::string(as_text(said.record()));
}

TEST_F(BackendLinkTest, WhatAnotherGatewayRevokesIsTakenWhenItIsOnDisk) {
    arrive("$backbone/revoked/other", revoked(*cluster), "other", {7});
    EXPECT_EQ(cluster->revocations->size(), 1U);
    EXPECT_EQ(calls, Texts{}) << "a crash would forget it";
    cluster->commit();
    EXPECT_EQ(calls, Texts{"stored 7"});
    arrive("$backbone/revoked/other", revoked(*cluster), "other", {8});
    EXPECT_EQ(calls, (Texts{"stored 7", "stored 8"})) << "it stands already";
}

TEST_F(BackendLinkTest, WhatGatewaysTellIsTakenWhateverItIs) {
    arrive("$backbone/revoked/other", "no revocation", "other", {7});
    arrive("$backbone/revoked/me", revoked(*cluster), "other", {8});
    arrive("$backbone/unheard-of/other", "x", "other", {9});
    arrive("$backbone/revoked", "", "other", {10});
    arrive("$backbone/", "", "other", {11});
    EXPECT_EQ(calls, (Texts{"stored 7", "stored 8", "stored 9", "stored 10", "stored 11"}));
    EXPECT_EQ(cluster->revocations->size(), 0U);
}

TEST_F(BackendLinkTest, AWillThatIsDueWhileTheBackendIsAwayWaitsForIt) {
    FakeClient client(*cluster, "client", SessionTerms{});
    client.set_will("will", "gone");
    remote->sink->available(false);
    cluster->settle();
    calls.clear();
    client.close();
    cluster->settle();
    EXPECT_TRUE(calls.empty());
    remote->sink->available(true);
    cluster->advance(2 * LastWords::pause);
    EXPECT_EQ(calls, Texts{"publish will"});
    EXPECT_EQ(records_of_wills(), 1) << "until the backend has taken it";
    const BackendReceipt taken{remote->tickets.back(), Errc::ok, 1, 0};
    remote->sink->taken({&taken, 1});
    cluster->settle();
    EXPECT_EQ(records_of_wills(), 0);
}

}  // namespace
}  // namespace junctor
