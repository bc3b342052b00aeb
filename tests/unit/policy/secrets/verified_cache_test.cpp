#include "policy/secrets/verified_cache.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

constexpr TimePoint start{std::chrono::hours(1)};

TEST(VerifiedCache, KnowsWhatItWasToldForAWhile) {
    VerifiedCache cache(std::chrono::seconds(10));
    EXPECT_FALSE(cache.knows("ann", "secret", 1, start));
    cache.remember("ann", "secret", 1, start);
    EXPECT_TRUE(cache.knows("ann", "secret", 1, start + std::chrono::seconds(9)));
    EXPECT_FALSE(cache.knows("ann", "secret", 1, start + std::chrono::seconds(10)));
    EXPECT_FALSE(cache.knows("ann", "secret", 1, start)) << "gone is gone";
}

TEST(VerifiedCache, TakesNothingForSomethingElse) {
    VerifiedCache cache(std::chrono::seconds(10));
    cache.remember("ann", "secret", 1, start);
    EXPECT_FALSE(cache.knows("ann", "secret", 2, start)) << "the file has changed";
    EXPECT_FALSE(cache.knows("ann", "secreT", 1, start));
    EXPECT_FALSE(cache.knows("anns", "ecret", 1, start));
    EXPECT_FALSE(cache.knows("", "annsecret", 1, start));
}

TEST(VerifiedCache, CanBeTurnedOff) {
    VerifiedCache cache(Duration::zero());
    cache.remember("ann", "secret", 1, start);
    EXPECT_FALSE(cache.knows("ann", "secret", 1, start));
}

TEST(VerifiedCache, IsBounded) {
    VerifiedCache cache(std::chrono::seconds(10));
    for (std::size_t at = 0; at < VerifiedCache::most + 10; ++at) cache.remember(std::to_string(at), "x", 1, start);
    EXPECT_FALSE(cache.knows(std::to_string(VerifiedCache::most + 5), "x", 1, start));
    cache.remember("later", "x", 1, start + std::chrono::seconds(11));
    EXPECT_TRUE(cache.knows("later", "x", 1, start + std::chrono::seconds(11))) << "what is over makes room";
}

}  // namespace
}  // namespace junctor
