#include "core/model/history_rules.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

HistoryRules rules(std::initializer_list<const char*> filters) {
    std::vector<HistoryRule> all;
    for (const char* filter : filters) all.push_back({*TopicFilter::parse({}, filter), {}});
    return HistoryRules(std::move(all));
}

std::uint16_t topic_keeper(const HistoryRules& rules, const char* topic) { return rules.keeper_of(*Topic::parse({}, topic)); }
std::uint16_t filter_keeper(const HistoryRules& rules, const char* filter) { return rules.keeper_of(*TopicFilter::parse({}, filter)); }

TEST(HistoryRules, TheFirstThatMatchesKeeps) {
    const HistoryRules some = rules({"a/b", "a/#", "b/+"});
    EXPECT_EQ(topic_keeper(some, "a/b"), 1);
    EXPECT_EQ(topic_keeper(some, "a/b/c"), 2);
    EXPECT_EQ(topic_keeper(some, "b/x"), 3);
    EXPECT_EQ(topic_keeper(some, "b/x/y"), 0);
    EXPECT_EQ(topic_keeper(rules({}), "a"), 0);
}

TEST(HistoryRules, AFilterHasAHistoryWhereOneRuleKeepsAllThatItMatches) {
    const HistoryRules some = rules({"a/b", "a/#"});
    EXPECT_EQ(filter_keeper(some, "a/b"), 1);
    EXPECT_EQ(filter_keeper(some, "a/c/+"), 2);
    EXPECT_EQ(filter_keeper(some, "a/+"), 0) << "a/b is in another one";
    EXPECT_EQ(filter_keeper(some, "#"), 0);
    EXPECT_EQ(filter_keeper(some, "c"), 0);
}

TEST(HistoryRules, TheGatewaysOwnTopicsHaveNone) {
    EXPECT_EQ(topic_keeper(rules({"#"}), "$SYS/broker"), 0);
    EXPECT_EQ(filter_keeper(rules({"#"}), "$SYS/#"), 0);
    EXPECT_EQ(filter_keeper(rules({"#"}), "#"), 1);
}

TEST(HistoryRules, KeepTenantsApart) { EXPECT_EQ(rules({"#"}).keeper_of(*Topic::parse(TenantId{1}, "a")), 0); }

}  // namespace
}  // namespace junctor
