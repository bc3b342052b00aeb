#include "core/routing/subscription_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

class SubscriptionTableTest : public ::testing::Test {
protected:
    NodeId node(const std::string& filter) { return trie.add(*TopicFilter::parse({}, filter)); }

    std::multiset<std::uint32_t> slots(NodeId at) const {
        std::multiset<std::uint32_t> all;
        table.for_each(at, [&](const SubscriptionTable::Subscription& each) {
            if (!each.remote()) all.insert(each.subscriber);
        });
        return all;
    }

    TopicTrie trie;
    SubscriptionTable table{trie};
};

TEST_F(SubscriptionTableTest, AgreesWithAModelThroughRandomChanges) {
    test::SeededRandom random(4);
    std::vector<NodeId> nodes;
    for (int i = 0; i < 20; ++i) nodes.push_back(node("f/" + std::to_string(i)));
    std::map<NodeId, std::set<std::uint32_t>> model;
    for (int step = 0; step < 20'000; ++step) {
        const NodeId at = nodes[random.below(nodes.size())];
        const auto slot = static_cast<std::uint32_t>(1 + random.below(30));
        switch (random.below(8)) {
        case 0:
            while (const NodeId gone = table.remove_any(slot)) {
                ASSERT_EQ(model[gone].erase(slot), 1u);
                --trie.holds(gone);
            }
            ASSERT_EQ(table.count(slot), 0u);
            break;
        case 1:
        case 2: {
            const bool removed = table.remove(slot, at);
            ASSERT_EQ(removed, model[at].erase(slot) == 1);
            if (removed) --trie.holds(at);
            break;
        }
        default: {
            const bool fresh = table.set(slot, at, {});
            ASSERT_EQ(fresh, model[at].insert(slot).second);
            if (fresh) ++trie.holds(at);
        }
        }
        const std::set<std::uint32_t>& expected = model[at];
        ASSERT_EQ(slots(at), std::multiset<std::uint32_t>(expected.begin(), expected.end()));
    }
}

TEST_F(SubscriptionTableTest, KeepsOptions) {
    SubscribeOptions options;
    options.subscription_id = 77;
    options.max_qos = Qos::exactly_once;
    options.no_local = true;
    EXPECT_TRUE(table.set(5, node("a"), options));
    options.retain_as_published = true;
    EXPECT_FALSE(table.set(5, node("a"), options));
    table.for_each(node("a"), [&](const SubscriptionTable::Subscription& each) {
        EXPECT_EQ(each.subscription_id, 77u);
        EXPECT_EQ(each.max_qos, Qos::exactly_once);
        EXPECT_TRUE(each.no_local);
        EXPECT_TRUE(each.retain_as_published);
    });
}

TEST_F(SubscriptionTableTest, KeepsOtherCoresApartFromSessions) {
    table.set_core(CoreId{5}, node("a"));
    table.set_core(CoreId{5}, node("a"));
    table.set(5, node("a"), {});
    EXPECT_EQ(slots(node("a")), std::multiset<std::uint32_t>{5});
    EXPECT_TRUE(table.remove(5, node("a")));
    EXPECT_TRUE(table.remove_core(CoreId{5}, node("a")));
    EXPECT_FALSE(table.remove_core(CoreId{5}, node("a")));
    EXPECT_EQ(trie.subscriptions(node("a")), 0u);
}

}  // namespace
}  // namespace junctor
