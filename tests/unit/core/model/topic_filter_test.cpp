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

}  // namespace
}  // namespace junctor
