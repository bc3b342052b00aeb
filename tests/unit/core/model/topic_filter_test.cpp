#include "core/model/topic_filter.hpp"

#include <gtest/gtest.h>

#include "core/model/topic.hpp"

namespace junctor {
namespace {

using namespace std::string_literals;

bool matches(const std::string& filter, const std::string& topic) {
    return TopicFilter::parse({}, filter)->matches(*Topic::parse({}, topic));
}

TEST(TopicFilter, ParsesFilters) {
    for (const std::string& text : {"a"s, "#"s, "+"s, "+/+"s, "a/#"s, "/+"s, "/#"s, "a/+/b"s, "$SYS/#"s, "/"s}) EXPECT_TRUE(TopicFilter::parse({}, text)) << text;
}

TEST(TopicFilter, RefusesWhatIsNone) {
    for (const std::string& text : {""s, "a#"s, "a/b#"s, "#/a"s, "a/#/b"s, "a+"s, "+a/b"s, "##"s, "++"s, "a/+#"s, "a\0"s, "\xff"s, std::string(65'536, 'x'),
                                    std::string(max_topic_levels, '/')})
        EXPECT_FALSE(TopicFilter::parse({}, text)) << text.substr(0, 40);
}

TEST(TopicFilter, KnowsWildcards) {
    EXPECT_FALSE(TopicFilter::parse({}, "a/b")->has_wildcard());
    EXPECT_TRUE(TopicFilter::parse({}, "a/+")->has_wildcard());
    EXPECT_TRUE(TopicFilter::parse({}, "#")->has_wildcard());
}

// The examples of MQTT 5.0 section 4.7.1 and 4.7.2.
TEST(TopicFilter, MatchesAsMqttSays) {
    for (const char* topic : {"sport/tennis/player1", "sport/tennis/player1/ranking", "sport/tennis/player1/score/wimbledon"})
        EXPECT_TRUE(matches("sport/tennis/player1/#", topic)) << topic;
    EXPECT_TRUE(matches("sport/#", "sport"));
    EXPECT_TRUE(matches("sport/tennis/+", "sport/tennis/player1"));
    EXPECT_FALSE(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
    EXPECT_FALSE(matches("sport/+", "sport"));
    EXPECT_TRUE(matches("sport/+", "sport/"));
    EXPECT_TRUE(matches("+/+", "/finance"));
    EXPECT_TRUE(matches("/+", "/finance"));
    EXPECT_FALSE(matches("+", "/finance"));
    EXPECT_FALSE(matches("#", "$SYS/x"));
    EXPECT_FALSE(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
    EXPECT_TRUE(matches("$SYS/#", "$SYS/x"));
    EXPECT_TRUE(matches("$SYS/monitor/+", "$SYS/monitor/Clients"));
    EXPECT_TRUE(matches("#", "/"));
    EXPECT_FALSE(matches("a/b", "a/b/c"));
    EXPECT_FALSE(matches("a/b/c", "a/b"));
}

TEST(TopicFilter, StaysWithinItsTenant) {
    EXPECT_FALSE(TopicFilter::parse(TenantId{1}, "#")->matches(*Topic::parse(TenantId{2}, "a")));
}

TEST(TopicFilter, KnowsTheGroupThatSharesIt) {
    const TopicFilter shared = *TopicFilter::parse({}, "$share/workers/jobs/+");
    EXPECT_EQ(shared.group(), "workers");
    EXPECT_EQ(shared.text(), "jobs/+");
    EXPECT_EQ(shared.canonical(), "$share/workers/jobs/+");
    EXPECT_TRUE(shared.shared());
    EXPECT_TRUE(shared.has_wildcard());
    EXPECT_TRUE(shared.matches(*Topic::parse({}, "jobs/1")));
    EXPECT_EQ(TopicFilter::trusted({}, shared.canonical()), shared);
    EXPECT_FALSE(TopicFilter::parse({}, "jobs/+")->shared());
    EXPECT_EQ(TopicFilter::parse({}, "jobs/+")->canonical(), "jobs/+");
}

TEST(TopicFilter, IsAnotherOneInAnotherGroup) {
    EXPECT_NE(*TopicFilter::parse({}, "$share/one/a"), *TopicFilter::parse({}, "$share/two/a"));
    EXPECT_NE(*TopicFilter::parse({}, "$share/one/a"), *TopicFilter::parse({}, "a"));
}

// Threat class 4: what hides a filter behind a group is judged by the filter.
TEST(Threat4, AGroupHidesNoFilter) {
    const TopicFilter events = *TopicFilter::parse({}, "$share/g/$SYS/#");
    EXPECT_EQ(events.text(), "$SYS/#");
    EXPECT_FALSE(TopicFilter::parse({}, "$share/g/#")->matches(*Topic::parse({}, "$SYS/x")));
    EXPECT_EQ(TopicFilter::parse({}, "$share/g//a")->text(), "/a");
    EXPECT_EQ(TopicFilter::parse({}, "$share/g/$share/h/a")->text(), "$share/h/a") << "a filter that no topic matches";
    for (const char* text : {"$share/", "$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/#", "$share/g+/a", "$share/g/a#"})
        EXPECT_FALSE(TopicFilter::parse({}, text)) << text;
}

}  // namespace
}  // namespace junctor
