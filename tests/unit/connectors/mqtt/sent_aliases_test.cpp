#include "connectors/mqtt/sent_aliases.hpp"

#include <gtest/gtest.h>

namespace junctor::mqtt {
namespace {

Topic topic(std::string_view text) { return *Topic::parse({}, text); }

TEST(MqttSentAliases, GivesEachTopicANumberOnce) {
    SentAliases aliases(10);
    EXPECT_EQ(aliases.use(topic("a")).number, 1);
    EXPECT_EQ(aliases.use(topic("b")).number, 2);
    EXPECT_FALSE(aliases.use(topic("c")).known);
    EXPECT_TRUE(aliases.use(topic("b")).known);
    EXPECT_EQ(aliases.use(topic("b")).number, 2);
}

TEST(MqttSentAliases, TakesTheOneThatRestedLongest) {
    SentAliases aliases(2);
    aliases.use(topic("a"));
    aliases.use(topic("b"));
    aliases.use(topic("a"));
    const SentAliases::Alias third = aliases.use(topic("c"));
    EXPECT_EQ(third.number, 2);
    EXPECT_FALSE(third.known);
    EXPECT_TRUE(aliases.use(topic("a")).known);
    EXPECT_FALSE(aliases.use(topic("b")).known);
}

TEST(MqttSentAliases, StaysWithinBothLimits) {
    SentAliases few(3);
    SentAliases many(65'535);
    for (int i = 0; i < 100; ++i) {
        const std::string text = "topic/" + std::to_string(i);
        EXPECT_LE(few.use(topic(text)).number, 3);
        EXPECT_LE(many.use(topic(text)).number, SentAliases::most);
    }
}

TEST(MqttSentAliases, ForgetsWhatTheClientWasNotTold) {
    SentAliases aliases(2);
    aliases.forget(aliases.use(topic("a")).number);
    EXPECT_FALSE(aliases.use(topic("a")).known);
}

}  // namespace
}  // namespace junctor::mqtt
