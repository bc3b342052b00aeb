#include "core/routing/match_cache.hpp"

#include <gtest/gtest.h>

#include "core/base/hash.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor {
namespace {

using test::FakeSession;

/// Which topics share a set is the same in every run.
struct KnownKeys {
    KnownKeys() noexcept { fix_hash_keys(1); }
};

class MatchCacheTest : private KnownKeys, public ::testing::Test, public ReceiveRule, private Commits::Settler, private SharedGroups::Owner {
protected:
    bool may_receive(const Session& session, const Topic& topic) noexcept override {
        ++asked;
        return &session != denied || topic.text() != "a";
    }

    void settle_now(BackendTicket, Errc, std::uint32_t) noexcept override {}
    void nobody_takes(const TopicFilter&, const EnvelopePtr&, CommitNeed&) noexcept override {}

    void subscribe(FakeSession& session, const std::string& filter, const SubscribeOptions& options = {}) {
        if (!session.id()) sessions.add(session);
        const NodeId node = trie.add(*TopicFilter::parse({}, filter));
        subscriptions.set(session.id().slot(), node, options);
        ++trie.holds(node);
        cache.forget_all();
    }
    MatchEntry& find(const std::string& topic, Qos qos = Qos::at_most_once) { return cache.find(*Topic::parse({}, topic), qos); }

    SessionTable sessions{CoreId{0}};
    TopicTrie trie;
    SubscriptionTable subscriptions{trie};
    test::LoneCore lone;
    FanOut fan_out{lone.metrics};
    Commits commits{lone.core, *this};
    SharedGroups groups{lone.core, trie, fan_out, *this, commits, *this};
    Histories histories{lone.core};
    Matcher matcher{trie, subscriptions, groups, sessions, histories, *this};
    MatchCache cache{matcher};
    const Session* denied = nullptr;
    int asked = 0;
};

TEST_F(MatchCacheTest, KnowsWhichHistoryKeepsATopic) {
    EXPECT_EQ(find("a").history, 0);
    histories.adopt(std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, "b"), {}}, {*TopicFilter::parse({}, "a"), {}}}));
    cache.forget_all();
    EXPECT_EQ(find("a").history, 2);
    EXPECT_EQ(find("c").history, 0);
}

TEST_F(MatchCacheTest, WorksAMatchOutOnce) {
    FakeSession reader;
    subscribe(reader, "a");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(find("a").destinations.size(), 1u);
    EXPECT_EQ(cache.misses(), 1u);
    EXPECT_EQ(asked, 1);
    EXPECT_TRUE(find("b").destinations.empty());
    find("b");
    EXPECT_EQ(cache.misses(), 2u);
}

TEST_F(MatchCacheTest, WorksItOutAnewAfterAChange) {
    FakeSession first;
    FakeSession second;
    subscribe(first, "a");
    EXPECT_EQ(find("a").destinations.size(), 1u);
    subscribe(second, "+");
    EXPECT_EQ(find("a").destinations.size(), 2u);
    denied = &second;
    EXPECT_EQ(find("a").destinations.size(), 2u);
    cache.forget_all();
    EXPECT_EQ(find("a").destinations.size(), 1u);
}

TEST_F(MatchCacheTest, KeepsQualitiesApart) {
    FakeSession reader;
    subscribe(reader, "a", {0, Qos::at_least_once, RetainHandling::send, false, false});
    EXPECT_EQ(find("a", Qos::at_most_once).destinations[0].qos, Qos::at_most_once);
    EXPECT_EQ(find("a", Qos::exactly_once).destinations[0].qos, Qos::at_least_once);
}

TEST_F(MatchCacheTest, HoldsTwentyThousandLiveTopics) {
    FakeSession reader;
    subscribe(reader, "live/#");
    for (int round = 0; round < 3; ++round)
        for (int i = 0; i < 20'000; ++i) find("live/" + std::to_string(i));
    EXPECT_LT(cache.misses(), 20'500u);
}

TEST_F(MatchCacheTest, StaysRightWhenTopicsAreManyMoreThanItHolds) {
    FakeSession reader;
    subscribe(reader, "even/+");
    for (int i = 0; i < 200'000; ++i) {
        const bool even = i % 2 == 0;
        ASSERT_EQ(find((even ? "even/" : "odd/") + std::to_string(i % 150'000)).destinations.size(), even ? 1u : 0u);
    }
}

TEST_F(MatchCacheTest, DoesNotKeepLongTopics) {
    FakeSession reader;
    subscribe(reader, "#");
    const std::string topic(5'000, 'x');
    EXPECT_EQ(find(topic).destinations.size(), 1u);
    EXPECT_EQ(find(topic).destinations.size(), 1u);
    EXPECT_EQ(cache.misses(), 2u);
}

TEST_F(MatchCacheTest, ForgetsOnlyWhatAFilterMayMatch) {
    FakeSession reader;
    subscribe(reader, "a/#");
    find("a/b");
    find("other/b");
    const std::uint64_t before = cache.misses();
    cache.forget(*TopicFilter::parse({}, "a/+"));
    find("other/b");
    EXPECT_EQ(cache.misses(), before);
    find("a/b");
    EXPECT_EQ(cache.misses(), before + 1);
    cache.forget(*TopicFilter::parse({}, "$share/g/a/+"));
    find("a/b");
    EXPECT_EQ(cache.misses(), before + 2);
    for (const char* filter : {"#", "+/b"}) {
        cache.forget(*TopicFilter::parse({}, filter));
        find("a/b");
        find("other/b");
    }
    EXPECT_EQ(cache.misses(), before + 6);
}

}  // namespace
}  // namespace junctor
