#include "core/bridging/bridge_rule.hpp"

#include <gtest/gtest.h>

#include "core/model/topic.hpp"

namespace junctor {
namespace {

TopicFilter filter(const std::string& text) { return *TopicFilter::parse({}, text); }

std::optional<std::string> rewritten(const std::string& strip, const std::string& add, const std::string& topic) {
    return BridgeRule{filter("#"), strip, add, Qos::at_least_once}.rewrite(*Topic::parse({}, topic));
}

TEST(BridgeRule, TakesOnePrefixAwayAndPutsAnotherThere) {
    EXPECT_EQ(rewritten("", "", "a/b"), "a/b");
    EXPECT_EQ(rewritten("", "plant-1/", "a/b"), "plant-1/a/b");
    EXPECT_EQ(rewritten("a/", "", "a/b"), "b");
    EXPECT_EQ(rewritten("a/", "c/d/", "a/b"), "c/d/b");
}

TEST(BridgeRule, CarriesNothingWhereNoTopicOfItsFilterBeginsWithWhatIsStripped) {
    const auto carries = [](const std::string& text, const std::string& strip) { return BridgeRule{filter(text), strip, {}, Qos::at_least_once}.carries_any(); };
    for (const char* strip : {"", "x", "x/", "x/y", "x/y/", "x/y/z"}) EXPECT_TRUE(carries("x/#", strip)) << strip;
    for (const char* strip : {"y", "y/", "xx/", "/"}) EXPECT_FALSE(carries("x/#", strip)) << strip;
    for (const char* strip : {"a/", "a/b", "a/b/", "a/b/plant"}) EXPECT_TRUE(carries("+/b/plant-1", strip)) << strip;
    for (const char* strip : {"a/c/", "a/b/plant-2", "a/b/plant-1/", "a/b/plant-1/x"}) EXPECT_FALSE(carries("+/b/plant-1", strip)) << strip;
    EXPECT_TRUE(carries("#", "anything/at/all"));
    EXPECT_TRUE(carries("/a", "/"));
    EXPECT_FALSE(carries("a", "a/"));
}

TEST(BridgeRule, WhatBecomesNoTopicStaysWhereItIs) {
    EXPECT_FALSE(rewritten("x/", "", "a/b"));
    EXPECT_FALSE(rewritten("a/b", "", "a/b"));
    EXPECT_FALSE(rewritten("a/", "", "a/$SYS/x"));
    EXPECT_FALSE(rewritten("", "$to/", "phone"));
    EXPECT_FALSE(rewritten("", std::string(70'000, 'x'), "a"));
}

}  // namespace
}  // namespace junctor
