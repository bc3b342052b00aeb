// Routing across simulated cores, whose mail arrives in an order that a seed chooses.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

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

/// Clients that publish, retain, subscribe and unsubscribe at random, and what they must see.
class Life {
public:
    Life(std::uint64_t seed, std::uint16_t cores) : cluster_(cores, seed) {
        for (std::size_t i = 0; i < 6; ++i) {
            clients_.emplace_back(cluster_, std::string(), random(cores));
            readers_.emplace_back();
            clients_[i]->on_settled = [this, i](Token token, const Receipt&) { confirmed(i, token); };
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            act();
            for (std::size_t carried = random(6); carried > 0; --carried) cluster_.step();
            cluster_.clock.advance(1us);
        }
        cluster_.settle();
    }

    void check() {
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            check_promised(i);
            check_order(i);
        }
        check_replicas();
    }

private:
    struct Sent {
        std::size_t publisher;
        std::string topic;
        bool retained;
    };
    struct Held {
        std::size_t since;  ///< the number of the first message promised
    };
    struct Reader {
        std::map<std::string, Held> held;              ///< confirmed and not given up
        std::map<std::uint64_t, std::string> asked;    ///< by token
        std::set<std::pair<std::size_t, std::string>> promised;  ///< message number, filter
    };

    std::size_t random(std::size_t bound) { return cluster_.random().below(bound); }
    std::string any_topic() { return "t/" + std::to_string(random(4)); }
    std::string any_filter() {
        static const char* filters[] = {"t/0", "t/1", "t/+", "#", "t/#", "t/2"};
        return filters[random(6)];
    }

    void act() {
        const std::size_t who = random(clients_.size());
        switch (random(6)) {
        case 0: return subscribe(who);
        case 1: return unsubscribe(who);
        case 2: return publish(who, true);
        default: return publish(who, false);
        }
    }

    void subscribe(std::size_t who) {
        const std::string filter = any_filter();
        readers_[who].held.erase(filter);
        const std::uint64_t token = ++tokens_;
        readers_[who].asked[token] = filter;
        const SubscribeRequest request{*TopicFilter::parse({}, filter), {}};
        clients_[who].gate().subscribe(*clients_[who], {&request, 1}, Token{token});
    }

    void unsubscribe(std::size_t who) {
        const std::string filter = any_filter();
        Reader& reader = readers_[who];
        reader.held.erase(filter);
        std::erase_if(reader.asked, [&](const auto& each) { return each.second == filter; });
        const TopicFilter parsed = *TopicFilter::parse({}, filter);
        clients_[who].gate().unsubscribe(*clients_[who], {&parsed, 1}, {});
    }

    void confirmed(std::size_t who, Token token) {
        Reader& reader = readers_[who];
        const auto asked = reader.asked.find(token.value);
        if (asked == reader.asked.end()) return;
        reader.held[asked->second] = {sent_.size()};
        reader.asked.erase(asked);
    }

    void publish(std::size_t who, bool retained) {
        const std::string topic = any_topic();
        const std::size_t number = sent_.size();
        sent_.push_back({who, topic, retained});
        for (Reader& reader : readers_)
            for (const auto& [filter, held] : reader.held)
                if (TopicFilter::parse({}, filter)->matches(*Topic::parse({}, topic))) reader.promised.emplace(number, filter);
        Draft draft = clients_[who].draft(topic, std::to_string(number));
        draft.retain = retained;
        clients_[who].gate().publish(*clients_[who], std::move(draft), {});
    }

    /// What was published while a confirmed subscription stood, and still stood at the end, arrived.
    void check_promised(std::size_t who) {
        std::map<std::size_t, int> live;
        for (const auto& each : clients_[who]->deliveries)
            if (!each.retain) ++live[std::stoul(each.payload)];
        for (const auto& [number, times] : live) EXPECT_EQ(times, 1) << "message " << number;
        for (const auto& [number, filter] : readers_[who].promised) {
            const auto held = readers_[who].held.find(filter);
            if (held == readers_[who].held.end() || held->second.since > number) continue;
            EXPECT_EQ(live.count(number), 1u) << "message " << number << " for " << filter;
        }
    }

    /// Numbers of one publisher and topic never go back; a replayed value not behind a retained one seen before.
    void check_order(std::size_t who) {
        struct Last {
            std::size_t any = 0;
            std::size_t retained = 0;
        };
        std::map<std::pair<std::size_t, std::string>, Last> seen;
        for (const auto& each : clients_[who]->deliveries) {
            const std::size_t number = std::stoul(each.payload);
            Last& last = seen[{sent_[number].publisher, each.topic}];
            EXPECT_GE(number, each.retain ? last.retained : last.any) << each.topic;
            last.any = std::max(last.any, number);
            if (sent_[number].retained) last.retained = std::max(last.retained, number);
        }
    }

    void check_replicas() {
        for (std::size_t core = 0; core < cluster_.count(); ++core) EXPECT_EQ(values(core), values(0)) << "core " << core;
    }

    Texts values(std::size_t core) {
        Texts all;
        cluster_.gate(core).router().retained(*TopicFilter::parse({}, "#"), [&](const EnvelopePtr& each) {
            all.push_back(std::string(each->topic_text()) + "=" + std::string(as_text(each->payload())));
            return true;
        });
        return all;
    }

    TestCluster cluster_;
    std::deque<FakeClient> clients_;
    std::deque<Reader> readers_;
    std::vector<Sent> sent_;
    std::uint64_t tokens_ = 0;
};

TEST(RouterCores, KeepTheirPromisesInAnyOrderOfMail) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        for (std::uint16_t cores = 1; cores <= 4; ++cores) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", cores " + std::to_string(cores));
            Life life(seed, cores);
            life.run(300);
            life.check();
            if (::testing::Test::HasFailure()) return;
        }
    }
}

/// Two cores that set one topic at about the same time, the later one's mail carried first. Whoever subscribes where the filter is known
/// already is answered at once: the earlier one's mail is still under way then.
class Race : public ::testing::Test {
protected:
    Race() {
        resident.subscribe("t/#");
        neighbour.subscribe("t/a");
        cluster.settle();
        early.retain("t/a", "early");
        cluster.clock.advance(1us);
        late.retain("t/a", "late");
        cluster.carry_all(2, 0);
    }
    TestCluster cluster{3};
    FakeClient resident{cluster, {}, 0}, neighbour{cluster, {}, 0}, early{cluster, {}, 1}, late{cluster, {}, 2};
};

TEST_F(Race, WhoWasShownTheWinnerDoesNotGetTheLoser) {
    FakeClient reader(cluster, {}, 0);
    EXPECT_EQ(reader.subscribe("t/#"), Errc::ok);
    EXPECT_EQ(reader->payloads(), Texts{"late"});
    cluster.settle();
    EXPECT_EQ(reader->payloads(), Texts{"late"});
    EXPECT_EQ(resident->payloads(), (Texts{"late", "early"})) << "who was there before gets both";
    late.retain("t/a", "later still");
    cluster.settle();
    EXPECT_EQ(reader->payloads(), (Texts{"late", "later still"}));
}

TEST_F(Race, AnOlderSubscriptionHasARightToBoth) {
    EXPECT_EQ(resident.subscribe("t/a"), Errc::ok);
    cluster.settle();
    EXPECT_EQ(resident->payloads(), (Texts{"late", "late", "early"}));
}

TEST_F(Race, WhoComesBehindBothIsShownTheWinner) {
    cluster.settle();
    FakeClient reader(cluster, {}, 0);
    EXPECT_EQ(reader.subscribe("t/a"), Errc::ok);
    EXPECT_EQ(reader->payloads(), Texts{"late"});
}

// Whatever the order of the mail: nothing older after what was replayed, and all that was published after the answer.
TEST(RouterCores, ShowNoOlderValueAfterANewerOne) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        TestCluster cluster(static_cast<std::uint16_t>(2 + seed % 3), seed);
        std::deque<FakeClient> publishers, readers;
        for (std::size_t i = 0; i < 3; ++i) publishers.emplace_back(cluster, std::string(), i % cluster.count());
        for (FakeClient& each : publishers) each.subscribe("t");  // so that others are answered at once
        cluster.settle();
        std::vector<std::size_t> answered;
        std::size_t number = 0;
        while (number < 60) {
            cluster.clock.advance(1us);
            if (cluster.random().below(6) == 0) {
                FakeClient& reader = readers.emplace_back(cluster, std::string(), cluster.random().below(cluster.count()));
                answered.push_back(~std::size_t{0});
                reader->on_settled = [&, who = readers.size() - 1](Token, const Receipt&) { answered[who] = number; };
                reader.subscribe("t");
            } else {
                publishers[cluster.random().below(3)].retain("t", std::to_string(number++));
            }
            for (std::size_t carried = cluster.random().below(6); carried > 0; --carried) cluster.step();
        }
        cluster.settle();
        for (std::size_t who = 0; who < readers.size(); ++who) {
            std::optional<std::size_t> shown;
            std::set<std::size_t> seen;
            for (const auto& each : readers[who]->deliveries) {
                const std::size_t value = std::stoul(each.payload);
                seen.insert(value);
                if (each.retain) shown = value;
                EXPECT_GE(value, shown.value_or(0));
            }
            for (std::size_t due = answered[who]; due < number; ++due) EXPECT_TRUE(seen.contains(due)) << due;
        }
    }
}

TEST(RouterCores, ConfirmASubscribeOnlyWhenAllHaveAnswered) {
    TestCluster cluster(3);
    FakeClient reader(cluster, {}, 0);
    EXPECT_EQ(reader.subscribe("a"), std::nullopt);
    int carried = 0;
    while (reader->settlements.empty()) {
        ASSERT_TRUE(cluster.step());
        ++carried;
    }
    EXPECT_EQ(carried, 4) << "asked and answered twice";
    FakeClient neighbour(cluster, {}, 0);
    EXPECT_EQ(neighbour.subscribe("a"), Errc::ok) << "already confirmed on this core";
}

TEST(RouterCores, EndOperationsOfASessionInOrder) {
    TestCluster cluster(2);
    FakeClient reader(cluster, {}, 0);
    Texts order;
    reader->on_settled = [&](Token, const Receipt& receipt) { order.emplace_back(to_string(receipt.each[0])); };
    reader.subscribe("a");
    reader.unsubscribe("a");
    reader.unsubscribe("a");
    EXPECT_TRUE(order.empty());
    cluster.settle();
    EXPECT_EQ(order, (Texts{"ok", "ok", "bad_filter"}));
    FakeClient publisher(cluster, {}, 1);
    publisher.publish("a", "x");
    cluster.settle();
    EXPECT_TRUE(reader->deliveries.empty());
}

TEST(RouterCores, ForgetASessionThatLeavesBeforeItsSubscribeIsConfirmed) {
    TestCluster cluster(4);
    {
        FakeClient reader(cluster, {}, 1);
        reader.subscribe("a/b");
        cluster.step();
    }
    cluster.settle();
    for (std::size_t core = 0; core < 4; ++core) EXPECT_FALSE(cluster.gate(core).router().wanted({}, "a"));
    FakeClient again(cluster, {}, 1);
    again.subscribe("a/b");
    cluster.settle();
    FakeClient publisher(cluster, {}, 3);
    publisher.publish("a/b", "x");
    cluster.settle();
    EXPECT_EQ(again->payloads(), Texts{"x"});
}

TEST(RouterCores, CountMatchesOnOtherCores) {
    TestCluster cluster(2);
    FakeClient reader(cluster, {}, 1);
    reader.subscribe("a");
    cluster.settle();
    FakeClient publisher(cluster, {}, 0);
    publisher.publish("a", "x", Qos::at_least_once, 9);
    ASSERT_NE(publisher->settlement(9), nullptr);
    EXPECT_EQ(publisher->settlement(9)->matches, 1u);
}

TEST(RouterCores, DropWhatExpiresBetweenThem) {
    TestCluster cluster(2);
    FakeClient reader(cluster, {}, 1);
    reader.subscribe("a");
    cluster.settle();
    FakeClient publisher(cluster, {}, 0);
    Draft draft = publisher.draft("a", "x");
    draft.ttl = 1s;
    publisher.gate().publish(*publisher, std::move(draft), {});
    cluster.clock.advance(2s);
    cluster.settle();
    EXPECT_TRUE(reader->deliveries.empty());
    EXPECT_EQ(cluster.total(routing_metrics().dropped_expired), 1);
}

TEST(RouterCores, KeepOneValuePerTopicWhoeverWroteLast) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        TestCluster cluster(3, seed);
        FakeClient one(cluster, {}, 0);
        FakeClient two(cluster, {}, 1);
        one.retain("a", "1");
        two.retain("a", "2");
        one.retain("a", "");
        two.retain("b", "3");
        one.retain("b", "");
        cluster.settle();
        std::size_t sizes[3];
        for (std::size_t core = 0; core < 3; ++core) sizes[core] = cluster.gate(core).router().retained_store().size();
        EXPECT_EQ(sizes[1], sizes[0]);
        EXPECT_EQ(sizes[2], sizes[0]);
        two.retain("a", "after all that");
        cluster.settle();
        FakeClient reader(cluster, {}, 2);
        reader.subscribe("a");
        cluster.settle();
        EXPECT_EQ(reader->payloads(), Texts{"after all that"});
    }
}

}  // namespace
}  // namespace junctor
