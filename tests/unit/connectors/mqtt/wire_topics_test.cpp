#include "connectors/mqtt/wire_topics.hpp"

#include <gtest/gtest.h>

#include "core/model/topic.hpp"

namespace junctor::mqtt {
namespace {

class WireTopicsTest : public ::testing::Test {
protected:
    std::optional<std::string> topic(const std::string& text, std::uint32_t tenant = 0) { return topics.to_wire(*Topic::parse({tenant}, text)); }
    std::optional<std::string> filter(const std::string& text, std::uint32_t tenant = 0) {
        return topics.to_wire(*TopicFilter::parse({tenant}, text));
    }
    WireTopics topics{"junctor"};
};

TEST_F(WireTopicsTest, TheDefaultTenantsStandAsTheyAre) {
    EXPECT_EQ(topic("a/b"), "a/b");
    EXPECT_EQ(topic("junctor-like/b"), "junctor-like/b");
    EXPECT_EQ(filter("a/+/#"), "a/+/#");
    EXPECT_EQ(filter("$share/g/a/#"), "$share/g/a/#");
}

TEST_F(WireTopicsTest, TheRestStandsBelowTheControlLevel) {
    EXPECT_EQ(topic("a/b", 7), "junctor/7/a/b");
    EXPECT_EQ(topic("$inbox/me/0/x"), "junctor/0/$inbox/me/0/x");
    EXPECT_EQ(filter("$share/g/a/#", 7), "$share/g/junctor/7/a/#");
    EXPECT_EQ(topics.any_tenant("$to/#"), "junctor/+/$to/#");
}

TEST_F(WireTopicsTest, NobodyPublishesBelowTheControlLevel) {
    EXPECT_FALSE(topic("junctor"));
    EXPECT_FALSE(topic("junctor/0/$inbox/me/0/x"));
    EXPECT_FALSE(filter("junctor/#"));
}

TEST_F(WireTopicsTest, ComeBackAsTheyWere) {
    for (const std::uint32_t tenant : {0U, 7U, 4'294'967'295U})
        for (const std::string text : {"a", "a/b//c", "$to/phone", "x/$y"}) {
            const std::string wire = *topic(text, tenant);
            const auto place = topics.from_wire(wire);
            ASSERT_TRUE(place) << wire;
            EXPECT_EQ(place->tenant, TenantId{tenant});
            EXPECT_EQ(place->text, text);
        }
}

TEST_F(WireTopicsTest, WhatIsPassedOnStandsApartForEachGroup) {
    const TopicFilter group = *TopicFilter::parse({7}, "$share/g/a/#");
    const TopicFilter other = *TopicFilter::parse({7}, "$share/h/a/#");
    const std::string wire = topics.passing(group, 3, *Topic::parse({7}, "a/b/$c"));
    const std::string filter = topics.passing_filter(group);
    const std::string inner = filter.substr(std::string("$share/g/").size());
    EXPECT_TRUE(filter.starts_with("$share/g/junctor/7/$group/")) << filter;
    EXPECT_TRUE(wire.starts_with(inner.substr(0, inner.size() - 1))) << wire;
    EXPECT_NE(topics.passing(other, 3, *Topic::parse({7}, "a/b/$c")), wire);
    const auto place = topics.from_wire(wire);
    ASSERT_TRUE(place);
    EXPECT_EQ(place->tenant, TenantId{7});
    EXPECT_EQ(place->text, "a/b/$c");
    EXPECT_EQ(place->passes, 3);
    EXPECT_EQ(topics.from_wire("junctor/7/a/b")->passes, 0);
}

TEST_F(WireTopicsTest, WhatIsNoneOfOursIsNothing) {
    for (const char* wire : {"junctor/0/$group/", "junctor/0/$group/ab", "junctor/0/$group/ab/0/a", "junctor/0/$group/ab/x/a", "junctor/0/$group/ab/1", "junctor/0/$group/ab/999/a", "junctor/0/$group/ab/1/$to/x"})
        EXPECT_FALSE(topics.from_wire(wire)) << wire;
    for (const char* wire : {"junctor/", "junctor/x/a", "junctor/0", "junctor/0/a", "junctor/99999999999/a", "junctor/-1/a"})
        EXPECT_FALSE(topics.from_wire(wire)) << wire;
}

}  // namespace
}  // namespace junctor::mqtt
