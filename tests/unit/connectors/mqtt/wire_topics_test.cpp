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

TEST_F(WireTopicsTest, WhatIsNoneOfOursIsNothing) {
    for (const char* wire : {"junctor/", "junctor/x/a", "junctor/0", "junctor/0/a", "junctor/99999999999/a", "junctor/-1/a"})
        EXPECT_FALSE(topics.from_wire(wire)) << wire;
}

}  // namespace
}  // namespace junctor::mqtt
