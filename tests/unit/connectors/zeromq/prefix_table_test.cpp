#include "connectors/zeromq/prefix_table.hpp"

#include <gtest/gtest.h>

namespace junctor::zeromq {
namespace {

TEST(ZeromqPrefixTable, AFilterGoesWithTheLastPrefixThatNeedsIt) {
    PrefixTable table;
    table.add("a/b", "a/#");
    table.add("a/c", "a/#");
    table.add("a/b", "a/#");
    EXPECT_TRUE(table.holds_filter("a/#"));
    EXPECT_FALSE(table.remove("a/b"));
    EXPECT_FALSE(table.remove("a/b"));
    EXPECT_FALSE(table.holds("a/b"));
    EXPECT_EQ(table.remove("a/c"), "a/#");
    EXPECT_FALSE(table.holds_filter("a/#"));
    EXPECT_EQ(table.footprint(), 0U);
}

TEST(ZeromqPrefixTable, RemovingWhatNobodyHoldsChangesNothing) {
    PrefixTable table;
    table.add("a", "#");
    EXPECT_FALSE(table.remove("b"));
    EXPECT_TRUE(table.holds("a"));
}

TEST(ZeromqPrefixTable, ForgettingAFilterForgetsItsPrefixes) {
    PrefixTable table;
    table.add("a/b", "a/#");
    table.add("a/c", "a/#");
    table.add("b/c", "b/#");
    table.forget("a/#");
    table.forget("none");
    EXPECT_FALSE(table.holds("a/b") || table.holds("a/c"));
    EXPECT_TRUE(table.holds("b/c"));
    EXPECT_FALSE(table.remove("a/b"));
    table.clear();
    EXPECT_EQ(table.footprint(), 0U);
}

}  // namespace
}  // namespace junctor::zeromq
