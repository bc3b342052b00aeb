// Retained values that outlive the process.

#include "core/routing/retained_journal.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "core/routing/stored_retained.hpp"
#include "core/store/record.hpp"
#include "tests/support/fake_client.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::ModelStore;
using test::TestCluster;
using Values = std::map<std::string, std::string>;

Values values_of(TestCluster& cluster, std::size_t core) {
    Values all;
    cluster.gate(core).router().retained(*TopicFilter::parse({}, "#"), [&](const EnvelopePtr& each) {
        all.emplace(each->topic_text(), as_text(each->payload()));
        return true;
    });
    return all;
}

void retain(FakeClient& from, const std::string& topic, const std::string& payload, std::uint64_t token = 0, Qos qos = Qos::at_least_once,
            std::optional<Duration> ttl = {}) {
    Draft draft = from.draft(topic, payload, qos);
    draft.retain = true;
    draft.ttl = ttl;
    from.gate().publish(*from, std::move(draft), Token{token});
}

/// A gateway that starts with what the store holds, so much later.
class Restarted {
public:
    Restarted(ModelStore& store, std::uint16_t cores, Duration later) : stored_(read(store, later)), cluster(cores, 2, {}, {}, &store) {
        cluster.clock.advance(later);
        for (std::size_t core = 0; core < cores; ++core) {
            cluster.core(core).begin_round();
            cluster.gate(core).router().restore_retained(stored_.values());
        }
        cluster.commit();
    }

private:
    static StoredRetained read(ModelStore& store, Duration later) {
        test::FakeClock clock;
        clock.advance(later);
        StoredRetained stored({clock.now(), clock.wall()});
        store.load([&](Bytes key, Bytes value) {
            const std::optional<keys::Parts> parts = keys::parse(key);
            const std::optional<Bytes> body = unseal(key, value);
            EXPECT_TRUE(parts && body && stored.add(*parts, *body));
        });
        return stored;
    }

    StoredRetained stored_;

public:
    TestCluster cluster;
};

class RetainedJournalTest : public ::testing::TestWithParam<std::uint16_t> {
protected:
    Values restored(Duration later = {}) {
        cluster.commit();
        ModelStore next(store.records());
        Restarted again(next, GetParam(), cluster.clock.now() - test::FakeClock().now() + later);
        records_left = next.records().size();
        return values_of(again.cluster, GetParam() - 1U);
    }

    ModelStore store;
    TestCluster cluster{GetParam(), 1, {}, {}, &store};
    FakeClient publisher{cluster};
    std::size_t records_left = 0;
};

INSTANTIATE_TEST_SUITE_P(Cores, RetainedJournalTest, ::testing::Values(1, 2, 4));

TEST_P(RetainedJournalTest, AcknowledgesWhatIsStored) {
    for (std::uint64_t i = 1; i <= 8; ++i) retain(publisher, "a/" + std::to_string(i), "x", i);
    cluster.settle();
    EXPECT_TRUE(publisher->settlements.empty());
    cluster.commit();
    EXPECT_EQ(publisher->settlements.size(), 8u);
    EXPECT_EQ(store.records().size(), 8u);
}

TEST_P(RetainedJournalTest, LeavesTheGatewaysOwnValuesOut) {
    cluster.gate(0).router().publish_event(*Topic::parse({}, "$SYS/broker/uptime"), as_bytes("10 seconds"), {}, true);
    cluster.settle();
    cluster.commit();
    EXPECT_EQ(cluster.gate(0).router().retained_store().size(), 1u);
    EXPECT_TRUE(store.records().empty());
}

TEST_P(RetainedJournalTest, BringsBackTheLastValues) {
    for (const char* payload : {"1", "2", "3"}) retain(publisher, "a", payload, 0, Qos::at_most_once);
    retain(publisher, "b", "gone");
    retain(publisher, "b", "");
    retain(publisher, "c", "c");
    EXPECT_EQ(restored(), (Values{{"a", "3"}, {"c", "c"}}));
    EXPECT_EQ(store.records().size(), 2u);
}

TEST_P(RetainedJournalTest, LetsThemExpireByCivilTime) {
    retain(publisher, "short", "x", 0, Qos::at_least_once, 10s);
    retain(publisher, "long", "x", 0, Qos::at_least_once, 100s);
    cluster.advance(4s);
    EXPECT_EQ(restored(5s).size(), 2u);
    EXPECT_EQ(restored(7s), (Values{{"long", "x"}}));
    EXPECT_EQ(records_left, 1u) << "and the record goes";
    cluster.advance(100s);
    cluster.commit();
    EXPECT_TRUE(store.records().empty()) << "in a process that lives on, too";
}

TEST_P(RetainedJournalTest, WritesLaterWhatTheStoreDidNotTake) {
    retain(publisher, "gone", "x");
    cluster.commit();
    store.refuse(true);
    retain(publisher, "a", "refused", 1);
    cluster.settle();
    EXPECT_EQ(publisher->settlement(1)->code, Errc::overloaded);
    retain(publisher, "a", "1", 2, Qos::at_most_once);
    retain(publisher, "a", "2", 3, Qos::at_most_once);
    retain(publisher, "gone", "", 4, Qos::at_most_once);
    cluster.advance(2s);
    EXPECT_EQ(publisher->settlement(3)->code, Errc::ok);
    EXPECT_EQ(store.records().size(), 1u);
    store.refuse(false);
    cluster.advance(2s);
    EXPECT_EQ(restored(), (Values{{"a", "2"}}));
}

// The fault "kill": what was acknowledged stands after it, or something newer of the same publisher, the same on every core.
TEST(RetainedJournal, LosesNothingAcknowledgedInACrash) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const auto cores = static_cast<std::uint16_t>(1 + seed % 4);
        SCOPED_TRACE("seed " + std::to_string(seed));
        ModelStore store;
        TestCluster cluster(cores, seed, {}, {}, &store);
        std::deque<FakeClient> publishers;
        for (int i = 0; i < 3; ++i) publishers.emplace_back(cluster, std::string(), cluster.random().below(cores));
        std::map<std::uint64_t, std::string> topics;
        for (std::uint64_t number = 1; number <= 60; ++number) {
            const std::size_t who = cluster.random().below(publishers.size());
            topics[number] = "t/" + std::to_string(who) + "/" + std::to_string(cluster.random().below(3));
            retain(publishers[who], topics[number], std::to_string(number), number);
            for (std::size_t carried = cluster.random().below(6); carried > 0; --carried) cluster.step();
            if (cluster.random().below(3) == 0) store.commit_some(cluster.random());
        }
        ModelStore next(std::move(store).crash());
        Restarted again(next, cores, {});
        const Values back = values_of(again.cluster, 0);
        for (std::size_t core = 1; core < cores; ++core) EXPECT_EQ(values_of(again.cluster, core), back);
        for (FakeClient& each : publishers)
            for (const auto& settled : each->settlements) {
                const auto value = back.find(topics[settled.token.value]);
                ASSERT_NE(value, back.end()) << settled.token.value;
                EXPECT_GE(std::stoul(value->second), settled.token.value);
            }
    }
}

}  // namespace
}  // namespace junctor
