#include "core/store/keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace junctor {
namespace {

using keys::Kind;
using keys::Parts;

ByteBuffer owned(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

bool before(Bytes a, Bytes b) { return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end()); }

TEST(Keys, ComeBackAsTheyWere) {
    EXPECT_EQ(keys::parse(keys::meta("layout")), (Parts{Kind::meta, 0, 0, "layout"}));
    EXPECT_EQ(keys::parse(keys::session(7)), (Parts{Kind::session, 7, 0, {}}));
    EXPECT_EQ(keys::parse(keys::subscription(7, "a/+/#")), (Parts{Kind::subscription, 7, 0, "a/+/#"}));
    EXPECT_EQ(keys::parse(keys::message({3}, 1ULL << 40)), (Parts{Kind::message, 3, 1ULL << 40, {}}));
    EXPECT_EQ(keys::parse(keys::queued(~0ULL, ~0ULL)), (Parts{Kind::queued, ~0ULL, ~0ULL, {}}));
    EXPECT_EQ(keys::parse(keys::unreleased(9, 65'535)), (Parts{Kind::unreleased, 9, 65'535, {}}));
    EXPECT_EQ(keys::parse(keys::will(SessionId::make({2}, 5, 1))), (Parts{Kind::will, SessionId::make({2}, 5, 1).value, 0, {}}));
    EXPECT_EQ(keys::parse(keys::retained({1}, "a/b")), (Parts{Kind::retained, 1, 0, "a/b"}));
    EXPECT_EQ(keys::parse(keys::history(4, 256)), (Parts{Kind::history, 4, 256, {}}));
    EXPECT_EQ(keys::parse(keys::revocation("a")), (Parts{Kind::revocation, 0, 0, "a"}));
}

TEST(Keys, NumbersSortAsBytesDo) {
    EXPECT_TRUE(before(keys::queued(1, 255), keys::queued(1, 256)));
    EXPECT_TRUE(before(keys::queued(1, ~0ULL), keys::queued(2, 0)));
    EXPECT_TRUE(before(keys::message({255}, 9), keys::message({256}, 1)));
}

TEST(Keys, WhatRefersToSomethingIsLoadedAfterIt) {
    EXPECT_TRUE(before(keys::meta("z"), keys::session(0)));
    EXPECT_TRUE(before(keys::session(~0ULL), keys::subscription(0, "")));
    EXPECT_TRUE(before(keys::message({65'535}, ~0ULL), keys::queued(0, 0)));
    EXPECT_TRUE(before(keys::session(~0ULL), keys::unreleased(0, 0)));
    EXPECT_TRUE(before(keys::history(1, 0), keys::history(1, 1)));
}

TEST(Keys, AnOwnersRangeHoldsAllOfItAndNothingElse) {
    for (const std::uint64_t owner : {std::uint64_t{0}, std::uint64_t{255}, ~std::uint64_t{0}}) {
        const ByteBuffer from = owned(keys::begin_of(Kind::queued, owner));
        const ByteBuffer to = owned(keys::end_of(Kind::queued, owner));
        EXPECT_FALSE(before(keys::queued(owner, 0), from));
        EXPECT_TRUE(before(keys::queued(owner, ~0ULL), to));
        EXPECT_FALSE(before(keys::queued(owner + 1, 0), to) && owner != ~0ULL);
    }
    EXPECT_FALSE(before(keys::unreleased(0, 0), keys::end_of(Kind::queued, ~0ULL)));
    EXPECT_TRUE(before(keys::message({65'535}, ~0ULL), keys::end_of(Kind::message, 65'535)));
    EXPECT_TRUE(before(keys::retained({4}, "\xf4"), keys::end_of(Kind::retained, 4)));
}

TEST(Keys, StrangeBytesAreNoKey) {
    EXPECT_FALSE(keys::parse({}));
    EXPECT_FALSE(keys::parse(ByteBuffer{0}));
    EXPECT_FALSE(keys::parse(ByteBuffer{11, 0, 0}));
    ByteBuffer key = owned(keys::queued(1, 2));
    key.push_back(0);
    EXPECT_FALSE(keys::parse(key)) << "too long";
    key.erase(key.end() - 2, key.end());
    EXPECT_FALSE(keys::parse(key)) << "too short";
    EXPECT_FALSE(keys::parse(ByteBuffer{static_cast<std::uint8_t>(Kind::retained), 0, 0, 0}));
}

// Threat class 34: names that clients choose stand in keys and values, never in a path, and cannot reach another owner's range.
TEST(Keys, ThreatClass34ClientTextStaysWithinItsOwnersRange) {
    for (const std::string_view text : {"../../etc/passwd", "\xff\xff\xff\xff\xff\xff\xff\xff", "", "/"}) {
        const ByteBuffer key = keys::subscription(5, text);
        EXPECT_EQ(keys::parse(key)->text, text);
        EXPECT_FALSE(before(key, keys::begin_of(Kind::subscription, 5)));
        EXPECT_TRUE(before(key, keys::end_of(Kind::subscription, 5)));
    }
}

}  // namespace
}  // namespace junctor
