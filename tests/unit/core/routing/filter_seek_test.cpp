#include "core/routing/filter_seek.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/model/topic.hpp"

namespace junctor {
namespace {

using Found = FilterSeek::Found;

TEST(FilterSeek, OrdersTopicsLevelByLevel) {
    const std::vector<std::string> ordered{"/", "/a", "a", "a/", "a/ b", "a/b", "a/b/c", "a b", "a!", "b", "\xc3\xa9"};
    for (std::size_t i = 0; i < ordered.size(); ++i)
        for (std::size_t j = 0; j < ordered.size(); ++j)
            EXPECT_EQ(topic_order(ordered[i], ordered[j]) < 0, i < j) << ordered[i] << " " << ordered[j];
    EXPECT_EQ(topic_order("a/b", "a/b"), 0);
}

TEST(FilterSeek, BeginsAtTheLiteralLevels) {
    const TopicFilter filter = *TopicFilter::parse({}, "a/b/+/c");
    EXPECT_EQ(FilterSeek(filter).first(), "a/b");
    const TopicFilter all = *TopicFilter::parse({}, "#");
    EXPECT_EQ(FilterSeek(all).first(), "");
}

TEST(FilterSeek, JumpsOverWhatCannotMatch) {
    const TopicFilter filter = *TopicFilter::parse({}, "a/+/m");
    FilterSeek seek(filter);
    EXPECT_EQ(seek.look("a/1/m"), Found::match);
    EXPECT_EQ(seek.look("a/1/b/c"), Found::jump);
    EXPECT_EQ(seek.target(), "a/1/m");
    EXPECT_EQ(seek.look("a/1/z"), Found::jump);
    EXPECT_EQ(seek.target(), "a/1\x01") << "behind all under a/1";
    EXPECT_EQ(seek.look("a/1/m/x"), Found::jump);
    EXPECT_EQ(seek.look("a"), Found::look_further);
    EXPECT_EQ(seek.look("b"), Found::end);
}

TEST(FilterSeek, LooksAtFewOfMany) {
    std::vector<std::string> topics;
    for (int device = 0; device < 100; ++device)
        for (int value = 0; value < 100; ++value) topics.push_back("d/" + std::to_string(device) + "/v" + std::to_string(value));
    std::sort(topics.begin(), topics.end(), [](const auto& a, const auto& b) { return topic_order(a, b) < 0; });
    const TopicFilter filter = *TopicFilter::parse({}, "d/+/v50");
    FilterSeek seek(filter);
    const auto from = [&](std::string_view place) {
        return std::lower_bound(topics.begin(), topics.end(), place, [](const auto& a, std::string_view b) { return topic_order(a, b) < 0; });
    };
    int looks = 0;
    int matches = 0;
    for (auto at = from(seek.first()); at != topics.end();) {
        ++looks;
        const Found found = seek.look(*at);
        matches += found == Found::match;
        if (found == Found::end) break;
        at = found == Found::jump ? from(seek.target()) : at + 1;
    }
    EXPECT_EQ(matches, 100);
    EXPECT_LE(looks, 301);
}

}  // namespace
}  // namespace junctor
