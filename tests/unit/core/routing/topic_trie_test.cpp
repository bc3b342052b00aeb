#include "core/routing/topic_trie.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

using test::SeededRandom;

std::string random_text(SeededRandom& random, std::initializer_list<const char*> words) {
    std::string text;
    const std::size_t levels = 1 + random.below(5);
    for (std::size_t i = 0; i < levels; ++i) {
        if (i > 0) text += '/';
        text += words.begin()[random.below(words.size())];
    }
    return text.empty() ? "a" : text;
}

std::string random_filter(SeededRandom& random) {
    std::string text = random_text(random, {"a", "b", "+", "", "a level longer than fits in place", "$SYS", "+"});
    if (random.below(3) == 0) text += "/#";
    return random.below(20) == 0 ? "#" : text;
}

std::string random_topic(SeededRandom& random) { return random_text(random, {"a", "b", "", "c", "a level longer than fits in place", "$SYS"}); }

TenantId random_tenant(SeededRandom& random) { return {static_cast<std::uint32_t>(random.below(2)) * 0xffff'ffff}; }

/// What the trie must agree with: a list of filters.
struct Model {
    TopicTrie trie;
    std::map<std::pair<std::uint32_t, std::string>, NodeId> filters;

    void toggle(TenantId tenant, const std::string& text) {
        const TopicFilter filter = *TopicFilter::parse(tenant, text);
        const auto [at, fresh] = filters.try_emplace({tenant.value, text});
        if (fresh) {
            at->second = trie.add(filter);
            trie.subscriptions(at->second) = 1;
        } else {
            ASSERT_EQ(trie.find(filter), at->second);
            trie.subscriptions(at->second) = 0;
            trie.prune(at->second);
            filters.erase(at);
        }
    }

    std::vector<NodeId> expected(const Topic& topic) const {
        std::vector<NodeId> nodes;
        for (const auto& [key, node] : filters)
            if (TopicFilter::parse({key.first}, key.second)->matches(topic)) nodes.push_back(node);
        std::sort(nodes.begin(), nodes.end());
        return nodes;
    }

    std::vector<NodeId> matched(const Topic& topic) const {
        std::vector<NodeId> nodes;
        trie.match(topic, nodes);
        std::sort(nodes.begin(), nodes.end());
        return nodes;
    }
};

TEST(TopicTrie, AgreesWithTheRuleForRandomFilters) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SeededRandom random(seed);
        Model model;
        for (int step = 0; step < 400; ++step) {
            model.toggle(random_tenant(random), random_filter(random));
            const std::string text = random_topic(random);
            const Topic topic = *Topic::parse(random_tenant(random), text);
            ASSERT_EQ(model.matched(topic), model.expected(topic)) << "seed " << seed << " topic " << text;
        }
    }
}

TEST(TopicTrie, NamesItsFilters) {
    SeededRandom random(3);
    TopicTrie trie;
    for (int i = 0; i < 300; ++i) {
        const TopicFilter filter = *TopicFilter::parse(random_tenant(random), random_filter(random));
        EXPECT_EQ(trie.filter(trie.add(filter)), filter);
    }
}

TEST(TopicTrie, LeavesNothingBehind) {
    SeededRandom random(5);
    Model model;
    for (int step = 0; step < 500; ++step) model.toggle(random_tenant(random), random_filter(random));
    EXPECT_GT(model.trie.size(), 0u);
    while (!model.filters.empty()) {
        const auto [tenant, text] = model.filters.begin()->first;
        model.toggle({tenant}, text);
    }
    EXPECT_EQ(model.trie.size(), 0u);
}

TEST(TopicTrie, KeepsHeldNodes) {
    TopicTrie trie;
    const NodeId node = trie.add(*TopicFilter::parse({}, "a/b"));
    trie.holds(node) = 1;
    trie.prune(node);
    EXPECT_EQ(trie.find(*TopicFilter::parse({}, "a/b")), node);
    trie.holds(node) = 0;
    trie.prune(node);
    EXPECT_EQ(trie.size(), 0u);
}

TEST(TopicTrie, KnowsWhetherAnythingStandsUnderAFirstLevel) {
    TopicTrie trie;
    EXPECT_FALSE(trie.any_under({}, "$SYS"));
    trie.add(*TopicFilter::parse({}, "$SYS/#"));
    EXPECT_TRUE(trie.any_under({}, "$SYS"));
    EXPECT_FALSE(trie.any_under(TenantId{1}, "$SYS"));
}

// 128 levels, each matched by its name and by `+`: the work stays within the filters there are.
TEST(TopicTrie, TakesTheDeepestTopics) {
    TopicTrie trie;
    std::string text = "a";
    std::string wild = "+";
    for (std::size_t level = 1; level < max_topic_levels; ++level) {
        text += "/a";
        wild += level % 2 ? "/a" : "/+";
        trie.subscriptions(trie.add(*TopicFilter::parse({}, wild))) = 1;
    }
    std::vector<NodeId> nodes;
    trie.match(*Topic::parse({}, text), nodes);
    EXPECT_EQ(nodes.size(), 1u);
}

TEST(TopicTrie, HangsGroupsBelowTheirFilter) {
    TopicTrie trie;
    const auto add = [&](const char* text) {
        const NodeId node = trie.add(*TopicFilter::parse({}, text));
        trie.subscriptions(node) = 1;
        return node;
    };
    const NodeId one = add("$share/one/a/+");
    const NodeId two = add("$share/two/a/+");
    const NodeId plain = add("a/b");
    EXPECT_TRUE(trie.shared(one));
    EXPECT_FALSE(trie.shared(plain));
    EXPECT_EQ(trie.find(*TopicFilter::parse({}, "$share/one/a/+")), one);
    EXPECT_EQ(trie.find(*TopicFilter::parse({}, "$share/three/a/+")), 0u);
    EXPECT_EQ(trie.filter(two).canonical(), "$share/two/a/+");
    std::vector<NodeId> nodes;
    trie.match(*Topic::parse({}, "a/b"), nodes);
    EXPECT_EQ(nodes.size(), 3u);
    for (const NodeId node : {one, two, plain}) {
        trie.subscriptions(node) = 0;
        trie.prune(node);
    }
    EXPECT_EQ(trie.size(), 0u);
}

}  // namespace
}  // namespace junctor
