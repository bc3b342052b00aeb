#include "connectors/zeromq/prefix_table.hpp"

#include <gtest/gtest.h>

namespace junctor::zeromq {
namespace {

TEST(ZeromqPrefixTable, AFilterGoesWithTheLastPrefixThatNeedsIt) {
    PrefixTable table;
    table.add(1, "a/b", "a/#");
    table.add(1, "a/c", "a/#");
    table.add(2, "a/b", "a/#");
    EXPECT_TRUE(table.holds_filter("a/#"));
    EXPECT_FALSE(table.remove(1, "a/b"));
    EXPECT_FALSE(table.remove(2, "a/b"));
    EXPECT_FALSE(table.holds(1, "a/b"));
    EXPECT_EQ(table.remove(1, "a/c"), "a/#");
    EXPECT_FALSE(table.holds_filter("a/#"));
    EXPECT_EQ(table.footprint(), 0U);
}

TEST(ZeromqPrefixTable, NobodyTakesBackWhatAnotherHolds) {
    PrefixTable table;
    table.add(1, "a", "#");
    EXPECT_FALSE(table.remove(2, "a"));
    EXPECT_FALSE(table.remove(1, "b"));
    EXPECT_TRUE(table.holds(1, "a"));
    EXPECT_FALSE(table.holds(2, "a"));
}

TEST(ZeromqPrefixTable, TwiceIsOnce) {
    PrefixTable table;
    table.add(1, "a", "#");
    table.add(1, "a", "#");
    EXPECT_EQ(table.remove(1, "a"), "#");
}

TEST(ZeromqPrefixTable, AConnectionGoesWithAllItHeld) {
    PrefixTable table;
    table.add(1, "a/b", "a/#");
    table.add(1, "b/c", "b/#");
    table.add(1, "b/d", "b/#");
    table.add(2, "a/c", "a/#");
    EXPECT_EQ(table.remove(1), std::vector<std::string>{"b/#"});
    EXPECT_TRUE(table.remove(1).empty());
    EXPECT_TRUE(table.holds_filter("a/#"));
    EXPECT_EQ(table.remove(2), std::vector<std::string>{"a/#"});
    EXPECT_EQ(table.footprint(), 0U);
}

TEST(ZeromqPrefixTable, ForgettingAFilterForgetsItsPrefixes) {
    PrefixTable table;
    table.add(1, "a/b", "a/#");
    table.add(2, "a/c", "a/#");
    table.add(2, "b/c", "b/#");
    table.forget("a/#");
    table.forget("none");
    EXPECT_FALSE(table.holds(1, "a/b") || table.holds(2, "a/c"));
    EXPECT_TRUE(table.holds(2, "b/c"));
    EXPECT_FALSE(table.remove(1, "a/b"));
    table.clear();
    EXPECT_EQ(table.footprint(), 0U);
}

}  // namespace
}  // namespace junctor::zeromq
