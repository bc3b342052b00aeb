// Shared subscriptions on one core and across simulated ones.

#include "core/routing/shared_groups.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <numeric>
#include <set>

#include "core/routing/routing_metrics.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/rule_authorizer.hpp"

namespace junctor {
namespace {

using test::FakeClient;
using test::RuleAuthorizer;
using test::TestCluster;
using Texts = std::vector<std::string>;

constexpr const char* jobs = "$share/workers/jobs/+";

std::size_t home_of(TestCluster& cluster, const std::string& filter = jobs) { return cluster.core().home_of({}, filter).value; }

void publish_many(TestCluster& cluster, FakeClient& publisher, int count, Qos qos = Qos::at_least_once) {
    for (int i = 0; i < count; ++i) {
        publisher.publish("jobs/1", std::to_string(i), qos);
        cluster.settle();
    }
}

Texts all_payloads(std::deque<FakeClient>& members) {
    Texts all;
    for (FakeClient& each : members)
        for (const std::string& payload : each->payloads()) all.push_back(payload);
    std::sort(all.begin(), all.end());
    return all;
}

Texts numbers(int count) {
    Texts all;
    for (int i = 0; i < count; ++i) all.push_back(std::to_string(i));
    std::sort(all.begin(), all.end());
    return all;
}

TEST(SharedGroups, GiveEachMessageToOneMemberInTurn) {
    for (std::uint16_t cores = 1; cores <= 4; ++cores) {
        SCOPED_TRACE(cores);
        TestCluster cluster(cores);
        std::deque<FakeClient> members;
        for (std::size_t i = 0; i < 6; ++i) members.emplace_back(cluster, "", i % cores).subscribe(jobs, Qos::at_least_once);
        FakeClient plain(cluster, "", 0);
        plain.subscribe("jobs/#", Qos::at_least_once);
        cluster.settle();
        FakeClient publisher(cluster, "", cores - 1U);
        publish_many(cluster, publisher, 60);
        EXPECT_EQ(all_payloads(members), numbers(60));
        for (FakeClient& each : members) EXPECT_EQ(each->deliveries.size(), 10u);
        EXPECT_EQ(plain->deliveries.size(), 60u) << "a plain subscription gets its own copy";
    }
}

TEST(SharedGroups, AreApartByNameAndFilter) {
    TestCluster cluster(3);
    std::deque<FakeClient> members;
    for (const char* filter : {"$share/one/jobs/+", "$share/two/jobs/+", "$share/one/jobs/#", "$share/one/other"})
        members.emplace_back(cluster, "", members.size() % 3).subscribe(filter);
    cluster.settle();
    FakeClient publisher(cluster);
    publish_many(cluster, publisher, 5);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(members[i]->deliveries.size(), 5u);
    EXPECT_TRUE(members[3]->deliveries.empty());
}

TEST(SharedGroups, ShowWhatTheMemberAskedFor) {
    TestCluster cluster(2);
    FakeClient member(cluster, "", 1 - home_of(cluster));
    member.subscribe(jobs, SubscribeOptions{7, Qos::at_least_once, RetainHandling::send, false, true});
    cluster.settle();
    FakeClient publisher(cluster);
    Draft draft = publisher.draft("jobs/1", "x", Qos::exactly_once);
    draft.retain = true;
    publisher.gate().publish(*publisher, std::move(draft), {});
    cluster.settle();
    ASSERT_EQ(member->deliveries.size(), 1u);
    EXPECT_EQ(member->deliveries[0].qos, Qos::at_least_once);
    EXPECT_TRUE(member->deliveries[0].retain);
    EXPECT_EQ(member->deliveries[0].subscription_ids, std::vector<std::uint32_t>{7});
}

TEST(SharedGroups, ReplayNothingRetained) {
    TestCluster cluster(2);
    FakeClient publisher(cluster);
    publisher.retain("jobs/1", "kept");
    cluster.settle();
    FakeClient member(cluster, "", 1);
    member.subscribe(jobs);
    cluster.settle();
    EXPECT_TRUE(member->deliveries.empty());
}

TEST(SharedGroups, PreferAMemberThatCanSendNow) {
    for (std::uint16_t cores = 1; cores <= 3; ++cores) {
        SCOPED_TRACE(cores);
        TestCluster cluster(cores);
        std::deque<FakeClient> members;
        for (std::size_t i = 0; i < 3; ++i) members.emplace_back(cluster, "", i % cores).subscribe(jobs, Qos::at_least_once);
        cluster.settle();
        members[0]->window = 0;
        members[1]->is_away = true;
        FakeClient publisher(cluster);
        publish_many(cluster, publisher, 6);
        EXPECT_EQ(members[2]->deliveries.size(), 6u);
        members[2]->window = 0;
        members[0]->is_away = true;
        publish_many(cluster, publisher, 6);
        EXPECT_EQ(members[2]->deliveries.size(), 12u) << "connected goes before away";
        members[2].close();
        publish_many(cluster, publisher, 6);
        EXPECT_EQ(members[0]->deliveries.size() + members[1]->deliveries.size(), 6u + 12u) << "and all it had not acknowledged";
    }
}

TEST(SharedGroups, TryTheNextMemberWhenOneRefuses) {
    TestCluster cluster(2);
    std::deque<FakeClient> members;
    for (std::size_t i = 0; i < 2; ++i) members.emplace_back(cluster, "", i).subscribe(jobs, Qos::at_least_once);
    cluster.settle();
    members[0]->result = DeliverResult::refused;
    FakeClient publisher(cluster);
    publish_many(cluster, publisher, 4);
    EXPECT_EQ(members[1]->deliveries.size(), 4u);
    members[1]->result = DeliverResult::refused;
    publish_many(cluster, publisher, 1);
    EXPECT_EQ(cluster.total(routing_metrics().undeliverable), 1);
}

TEST(SharedGroups, TakeBackWhatALostMemberHadNotAcknowledged) {
    for (std::uint16_t cores = 1; cores <= 4; ++cores) {
        SCOPED_TRACE(cores);
        TestCluster cluster(cores);
        std::deque<FakeClient> members;
        for (std::size_t i = 0; i < 3; ++i) members.emplace_back(cluster, "", i % cores).subscribe(jobs, Qos::at_least_once);
        cluster.settle();
        FakeClient publisher(cluster);
        publish_many(cluster, publisher, 9);
        members[0]->unacknowledged.erase(members[0]->unacknowledged.begin());
        const std::size_t before = members[1]->deliveries.size() + members[2]->deliveries.size();
        members[0].close();
        cluster.settle();
        EXPECT_EQ(members[1]->deliveries.size() + members[2]->deliveries.size(), before + 2);
        members[1].close();
        members[2].close();
        cluster.settle();
        EXPECT_FALSE(cluster.gate().router().wanted({}, "jobs"));
    }
}

TEST(SharedGroups, LoseNothingWhenTheLastOneThatIsThereGoes) {
    TestCluster cluster(2);
    FakeClient sleeper(cluster, "", 0);
    sleeper->is_durable = sleeper->is_away = true;
    sleeper.subscribe(jobs, Qos::at_least_once);
    FakeClient member(cluster, "", 1);
    member.subscribe(jobs, Qos::at_least_once);
    cluster.settle();
    FakeClient publisher(cluster);
    publish_many(cluster, publisher, 5);
    EXPECT_EQ(member->deliveries.size(), 5u);
    publisher.publish("jobs/1", "5", Qos::at_least_once);
    member.close();
    cluster.settle();
    publisher.publish("jobs/1", "6", Qos::at_least_once);
    cluster.settle();
    Texts got = sleeper->payloads();
    std::sort(got.begin(), got.end());
    EXPECT_EQ(got, numbers(7));
}

TEST(SharedGroups, LeaveByUnsubscribe) {
    TestCluster cluster(3);
    std::deque<FakeClient> members;
    for (std::size_t i = 0; i < 3; ++i) members.emplace_back(cluster, "", i).subscribe(jobs);
    cluster.settle();
    EXPECT_EQ(members[0].unsubscribe("jobs/+"), Errc::bad_filter) << "the plain filter is another one";
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(members[i].unsubscribe(jobs), Errc::ok);
    cluster.settle();
    FakeClient publisher(cluster);
    publish_many(cluster, publisher, 4);
    EXPECT_EQ(members[2]->deliveries.size(), 4u);
    members[2].unsubscribe(jobs);
    cluster.settle();
    for (std::size_t core = 0; core < 3; ++core) EXPECT_FALSE(cluster.gate(core).router().wanted({}, "jobs")) << core;
}

TEST(SharedGroups, ServeASendWhenNobodyElseWantsIt) {
    TestCluster cluster(3);
    FakeClient member(cluster, "", (home_of(cluster) + 1) % 3);
    member.subscribe(jobs, Qos::at_least_once);
    cluster.settle();
    FakeClient sender(cluster, "", (home_of(cluster) + 2) % 3);
    sender.send("jobs/1", "x", 4);
    cluster.settle();
    EXPECT_EQ(member->payloads(), Texts{"x"});
    EXPECT_EQ(sender->settlement(4)->code, Errc::ok);
}

// The fault "kill": what a group was given while all its members slept is there for one of them after a restart.
// The sender hears the truth: a member may be about to come, or refuse, and then another group is asked, and at last nobody has it.
TEST(SharedGroups, TellTheSenderWhetherSomebodyHasIt) {
    for (std::uint16_t cores = 1; cores <= 4; ++cores) {
        SCOPED_TRACE(cores);
        TestCluster cluster(cores);
        FakeClient refusing(cluster, "", cores - 1U);
        refusing->result = DeliverResult::refused;
        refusing.subscribe(jobs, Qos::at_least_once);
        cluster.settle();
        FakeClient sender(cluster);
        sender.send("jobs/1", "nobody's", 1);
        cluster.settle();
        ASSERT_NE(sender->settlement(1), nullptr);
        EXPECT_EQ(sender->settlement(1)->code, Errc::no_receivers);
        FakeClient taking(cluster, "", cores / 2U);
        taking.subscribe("$share/others/jobs/#", Qos::at_least_once);
        cluster.settle();
        for (std::uint64_t number = 2; number < 6; ++number) {
            sender.send("jobs/1", std::to_string(number), number);
            cluster.settle();
            ASSERT_NE(sender->settlement(number), nullptr);
            EXPECT_EQ(sender->settlement(number)->code, Errc::ok);
        }
        EXPECT_EQ(taking->payloads(), (Texts{"2", "3", "4", "5"}));
    }
}

TEST(SharedGroups, KeepForASleepingMemberWhatWasAcknowledged) {
    using namespace std::chrono_literals;
    for (std::uint16_t cores = 1; cores <= 4; ++cores) {
        SCOPED_TRACE(cores);
        const SessionTerms kept{1h, false};
        test::ModelStore store;
        {
            TestCluster cluster(cores, cores, {}, {}, &store);
            for (const char* name : {"one", "two", "three"}) {
                FakeClient member(cluster, name, kept);
                member.subscribe(jobs, Qos::at_least_once);
                cluster.commit();
            }
            FakeClient publisher(cluster, "", cores - 1U);
            for (std::uint64_t i = 0; i < 12; ++i) publisher.publish("jobs/1", std::to_string(i), Qos::at_least_once, i + 1);
            cluster.settle();
            EXPECT_TRUE(publisher->settlements.empty());
            cluster.commit();
            EXPECT_EQ(publisher->settlements.size(), 12u);
        }
        test::ModelStore found(std::move(store).crash());
        TestCluster again(cores, cores, {}, {}, &found);
        std::deque<FakeClient> members;
        for (const char* name : {"one", "two", "three"}) members.emplace_back(again, name, kept);
        again.settle();
        EXPECT_EQ(all_payloads(members), numbers(12));
        FakeClient publisher(again);
        publisher.publish("jobs/1", "12", Qos::at_least_once);
        again.commit();
        EXPECT_EQ(all_payloads(members), numbers(13)) << "they are members again";
    }
}

// Threat class 4: a group is no way around a denial, neither of the filter nor of a topic inside it.
TEST(Threat4, AGroupIsJudgedByTheFilterInside) {
    auto policy = std::make_shared<Policy>();
    policy->authorizers.push_back(std::make_shared<RuleAuthorizer>([](const Principal&, Verb verb, std::string_view object) {
        if (verb == Verb::subscribe && object.starts_with("secret")) return Verdict::Outcome::deny;
        if (verb == Verb::presence || (verb == Verb::subscribe && object.starts_with("$SYS"))) return Verdict::Outcome::deny;
        if (verb == Verb::receive && object == "jobs/secret") return Verdict::Outcome::deny;
        return Verdict::Outcome::allow;
    }));
    TestCluster cluster(2, 1, policy);
    FakeClient member(cluster, "", 1);
    EXPECT_EQ(member.subscribe("$share/g/secret/#"), Errc::denied);
    EXPECT_EQ(member.subscribe("$share/g/$SYS/#"), Errc::denied);
    EXPECT_EQ(member.subscribe("$share/g/$to/other"), Errc::denied);
    member.subscribe(jobs);
    member.subscribe("$share/g/#");
    cluster.settle();
    FakeClient publisher(cluster);
    publisher.publish("jobs/secret", "x");
    cluster.settle();
    EXPECT_TRUE(member->deliveries.empty());
    publisher.publish("jobs/open", "x");
    cluster.settle();
    EXPECT_EQ(member->deliveries.size(), 2u);
}

/// Members come, go and lose their connections at random; what was published with QoS 1 while somebody was in the group arrives
/// at somebody, and unless its receiver was lost, once.
void live_through(std::uint64_t seed, std::uint16_t cores) {
    TestCluster cluster(cores, seed);
    const auto random = [&](std::size_t bound) { return cluster.random().below(bound); };
    FakeClient keeper(cluster, "", random(cores));
    keeper->is_durable = keeper->is_away = true;
    keeper.subscribe(jobs, Qos::at_least_once);
    cluster.settle();
    FakeClient publisher(cluster, "", random(cores));
    std::deque<std::unique_ptr<FakeClient>> members;
    std::vector<int> times(400);
    std::size_t handed_back = 0;
    const auto count = [&](FakeClient& gone) {
        for (const std::string& payload : gone->payloads()) ++times[std::stoul(payload)];
    };
    const auto lose = [&](std::size_t which) {
        handed_back += members[which]->operator->()->unacknowledged.size();
        for (const HandedBack& each : members[which]->operator->()->unacknowledged) --times[std::stoul(std::string(as_text(each.envelope->payload())))];
        members[which]->close();
        count(*members[which]);
        members.erase(members.begin() + static_cast<std::ptrdiff_t>(which));
    };
    std::size_t sent = 0;
    while (sent < times.size()) {
        switch (random(8)) {
        case 0:
            members.push_back(std::make_unique<FakeClient>(cluster, "", random(cores)));
            members.back()->subscribe(jobs, Qos::at_least_once);
            break;
        case 1:
            if (!members.empty()) lose(random(members.size()));
            break;
        case 2:
            if (!members.empty()) (*members[random(members.size())])->window = random(2) == 0 ? SIZE_MAX : 0;
            break;
        case 3:
            if (!members.empty()) (*members[random(members.size())])->unacknowledged.clear();
            break;
        default: publisher.publish("jobs/1", std::to_string(sent++), Qos::at_least_once);
        }
        for (std::size_t carried = random(5); carried > 0; --carried) cluster.step();
    }
    cluster.settle();
    for (const auto& each : members) count(*each);
    count(keeper);
    for (std::size_t i = 0; i < times.size(); ++i) EXPECT_EQ(times[i], 1) << "message " << i;
    EXPECT_GT(handed_back, 0u);
    EXPECT_EQ(cluster.total(routing_metrics().undeliverable), 0);
}

TEST(SharedGroups, LoseAndDoubleNothingInAnyOrderOfMail) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        for (std::uint16_t cores = 1; cores <= 4; ++cores) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", cores " + std::to_string(cores));
            live_through(seed, cores);
            if (::testing::Test::HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace junctor
