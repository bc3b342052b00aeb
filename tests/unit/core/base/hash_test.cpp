#include "core/base/hash.hpp"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

namespace junctor {
namespace {

TEST(Hash, DependsOnEveryByteAndOnTheLength) {
    for (std::size_t size = 1; size < 70; ++size) {
        const std::string text(size, 'a');
        EXPECT_EQ(hash_text(text), hash_text(std::string(size, 'a')));
        EXPECT_NE(hash_text(text), hash_text(text + 'a'));
        for (std::size_t at = 0; at < size; ++at) {
            std::string other = text;
            other[at] = 'b';
            EXPECT_NE(hash_text(text), hash_text(other)) << size << " " << at;
        }
    }
}

TEST(Hash, DependsOnTheSalt) { EXPECT_NE(hash_text("topic", 0), hash_text("topic", 1)); }

TEST(Hash, SpreadsSimilarNamesOverLowAndHighBits) {
    std::unordered_set<std::uint64_t> low;
    std::unordered_set<std::uint64_t> high;
    for (int i = 0; i < 100'000; ++i) {
        const std::uint64_t hash = hash_text("site/" + std::to_string(i) + "/temperature");
        low.insert(hash & 0xffff'ffff);
        high.insert(hash >> 32);
    }
    EXPECT_GT(low.size(), 99'990u);
    EXPECT_GT(high.size(), 99'990u);
}

}  // namespace
}  // namespace junctor
