#include "core/model/topic_cover.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/model/topic.hpp"

namespace junctor {
namespace {

/// All texts of up to `levels` levels out of `words`.
std::vector<std::string> texts(const std::vector<std::string>& words, std::size_t levels) {
    std::vector<std::string> all = words;
    std::size_t first = 0;
    for (std::size_t level = 1; level < levels; ++level) {
        const std::size_t end = all.size();
        for (std::size_t i = first; i < end; ++i)
            for (const std::string& word : words) all.push_back(all[i] + "/" + word);
        first = end;
    }
    return all;
}

TEST(TopicCover, SaysWhatTryingEveryTopicSays) {
    const std::vector<std::string> topics = texts({"", "a", "b", "$s"}, 4);
    std::vector<TopicFilter> filters;
    for (const std::string& text : texts({"", "a", "+", "#", "$s"}, 3))
        if (const auto filter = TopicFilter::parse({}, text)) filters.push_back(*filter);
    ASSERT_GT(filters.size(), 50U);
    for (const TopicFilter& wide : filters) {
        for (const TopicFilter& narrow : filters) {
            bool covered = true;
            for (const std::string& text : topics) {
                const auto topic = Topic::parse({}, text);
                if (topic && narrow.matches(*topic) && !wide.matches(*topic)) covered = false;
            }
            EXPECT_EQ(covers(wide, narrow), covered) << wide.text() << " over " << narrow.text();
        }
    }
}

TEST(TopicCover, FiltersOverlapWhereATopicMatchesBoth) {
    const std::vector<std::string> topics = texts({"", "a", "b", "$s"}, 4);
    std::vector<TopicFilter> filters;
    for (const std::string& text : texts({"", "a", "+", "#", "$s"}, 3))
        if (const auto filter = TopicFilter::parse({}, text)) filters.push_back(*filter);
    for (const TopicFilter& one : filters) {
        for (const TopicFilter& other : filters) {
            bool met = false;
            for (const std::string& text : topics) {
                const auto topic = Topic::parse({}, text);
                met = met || (topic && one.matches(*topic) && other.matches(*topic));
            }
            EXPECT_EQ(overlap(one, other), met) << one.text() << " and " << other.text();
        }
    }
}

TEST(TopicCover, KeepsTenantsApart) {
    const auto one = TopicFilter::parse(TenantId{1}, "#");
    const auto two = TopicFilter::parse(TenantId{2}, "a");
    EXPECT_FALSE(covers(*one, *two));
    EXPECT_FALSE(overlap(*one, *two));
}

}  // namespace
}  // namespace junctor
