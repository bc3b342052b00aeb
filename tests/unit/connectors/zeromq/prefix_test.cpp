#include "connectors/zeromq/prefix.hpp"

#include <gtest/gtest.h>

#include "core/model/topic.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::zeromq {
namespace {

std::string interest(std::string_view prefix) {
    const Result<TopicFilter> filter = interest_of({}, prefix);
    return filter ? filter->text() : "-";
}

TEST(ZeromqPrefix, IsCutBehindItsLastLevel) {
    EXPECT_EQ(interest(""), "#");
    EXPECT_EQ(interest("weather"), "#");
    EXPECT_EQ(interest("a/"), "a/#");
    EXPECT_EQ(interest("a/b"), "a/#");
    EXPECT_EQ(interest("a/b/c"), "a/b/#");
    EXPECT_EQ(interest("/"), "/#");
    EXPECT_EQ(interest("$SYS/x"), "$SYS/#");
    EXPECT_EQ(interest("a//"), "a//#");
}

TEST(ZeromqPrefix, WhatNoTopicCanBeginWithIsRefused) {
    EXPECT_EQ(interest("a/+/b"), "-");
    EXPECT_EQ(interest("a/#/"), "-");
    EXPECT_EQ(interest(std::string_view("a\0/b", 4)), "-");
    EXPECT_EQ(interest("\xff/b"), "-");
    EXPECT_EQ(interest(std::string(70'000, 'a')), "-");
    EXPECT_EQ(interest("$share/group/a"), "-");
}

TEST(ZeromqPrefix, MayEndInTheMiddleOfACharacter) { EXPECT_EQ(interest("caf\xc3"), "#"); }

std::string random_text(test::SeededRandom& random, std::size_t longest) {
    static constexpr std::string_view pieces[] = {"a", "b", "/", "/", "\xc3\xa4", "$"};
    std::string text;
    for (std::size_t count = 1 + random.below(longest); count > 0; --count) text += pieces[random.below(std::size(pieces))];
    return text;
}

// What libzmq would match must be handed over by the core; the gateway's own topics only to whoever asks for them.
TEST(ZeromqPrefix, InterestCoversEveryTopicThePrefixMatches) {
    test::SeededRandom random(5);
    int matched = 0;
    for (int round = 0; round < 100'000; ++round) {
        const std::string text = random_text(random, 6);
        const std::string prefix = random.below(2) == 0 ? text.substr(0, random.below(text.size() + 1)) : random_text(random, 3);
        const Result<Topic> topic = Topic::parse({}, text);
        const Result<TopicFilter> filter = interest_of({}, prefix);
        if (!topic || !filter || !text.starts_with(prefix)) continue;
        const bool own_asked = prefix.find('/') != std::string::npos;
        if (topic->reserved() && !own_asked) continue;
        ++matched;
        EXPECT_TRUE(filter->matches(*topic)) << prefix << " " << text << " " << filter->text();
    }
    EXPECT_GT(matched, 1'000);
}

TEST(ZeromqPrefix, TheEmptyPrefixStandsForEveryFirstByteButTheGatewaysOwn) {
    std::vector<std::string> all;
    for_each_pipe_prefix("", [&](std::string_view bytes) { all.emplace_back(bytes); });
    const auto has = [&](std::string_view bytes) { return std::find(all.begin(), all.end(), bytes) != all.end(); };
    EXPECT_TRUE(has("a") && has(" ") && has("/") && has("\xc3") && has("\xf4"));
    EXPECT_FALSE(has("$") || has(""));
    all.clear();
    for_each_pipe_prefix("a/b", [&](std::string_view bytes) { all.emplace_back(bytes); });
    EXPECT_EQ(all, std::vector<std::string>{"a/b"});
}

}  // namespace
}  // namespace junctor::zeromq
