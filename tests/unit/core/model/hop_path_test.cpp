#include "core/model/hop_path.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(HopPath, GrowsAndKnowsWhomItHolds) {
    const std::string path = *with_hop(*with_hop("", "plant-1"), "broker:1883");
    EXPECT_EQ(path, "plant-1,broker:1883");
    EXPECT_TRUE(crossed(path, "plant-1"));
    EXPECT_TRUE(crossed(path, "broker:1883"));
    EXPECT_FALSE(crossed(path, "plant"));
    EXPECT_FALSE(crossed("", "plant-1"));
    EXPECT_EQ(last_hop(path), "broker:1883");
    EXPECT_EQ(without_last_hop(path), "plant-1");
    EXPECT_EQ(without_last_hop("plant-1"), "");
    EXPECT_EQ(last_hop(""), "");
}

TEST(HopPath, EndsSomewhere) {
    std::string path;
    for (char name = 'a'; const std::optional<std::string> longer = with_hop(path, std::string(50, name)); ++name) path = *longer;
    EXPECT_LE(path.size(), max_hop_path);
    EXPECT_TRUE(is_hop_path(path));
}

TEST(HopPath, DoesNotSayTwiceWhereItIs) { EXPECT_EQ(with_hop("a,b", "b"), "a,b"); }

TEST(HopPath, HoldsNothingThatMeansSomethingElsewhere) {
    EXPECT_EQ(hop_name("my plant,\r\n/x"), "my_plant____x");
    EXPECT_EQ(hop_name(std::string(100, 'a')).size(), max_hop_name);
    EXPECT_TRUE(is_hop_path(""));
    EXPECT_FALSE(is_hop_path("a b"));
    EXPECT_FALSE(is_hop_path("a\n"));
    EXPECT_FALSE(is_hop_path(std::string(max_hop_path + 1, 'a')));
}

}  // namespace
}  // namespace junctor
