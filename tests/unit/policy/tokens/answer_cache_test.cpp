#include "policy/tokens/answer_cache.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

SecretDigest digest(int number) { return SecretDigest::of({std::to_string(number)}); }

class AnswerCacheTest : public ::testing::Test {
protected:
    void put(int number, Duration ttl) { cache.put(digest(number), number, clock.now(), clock.now() + ttl); }
    bool knows(int number, TimePoint since = TimePoint::min()) {
        const int* answer = cache.find(digest(number), clock.now(), since);
        return answer && *answer == number;
    }

    test::FakeClock clock;
    AnswerCache<int> cache{3};
};

TEST_F(AnswerCacheTest, RemembersForAWhile) {
    put(1, 10s);
    EXPECT_TRUE(knows(1));
    EXPECT_FALSE(knows(2));
    clock.advance(10s - 1ns);
    EXPECT_TRUE(knows(1));
    clock.advance(1ns);
    EXPECT_FALSE(knows(1));
    EXPECT_EQ(cache.size(), 0u);
}

TEST_F(AnswerCacheTest, KnowsHowOldAnAnswerIs) {
    put(1, 1h);
    clock.advance(1min);
    EXPECT_TRUE(knows(1, clock.now() - 1min));
    EXPECT_FALSE(knows(1, clock.now() - 59s));
    EXPECT_TRUE(knows(1)) << "it is still there";
    put(1, 1h);
    EXPECT_TRUE(knows(1, clock.now()));
}

TEST_F(AnswerCacheTest, DropsWhatWasAskedAboutLeastLately) {
    put(1, 1h);
    put(2, 1h);
    put(3, 1h);
    EXPECT_TRUE(knows(1));
    put(4, 1h);
    EXPECT_TRUE(knows(1));
    EXPECT_FALSE(knows(2));
    EXPECT_TRUE(knows(3));
    EXPECT_TRUE(knows(4));
    EXPECT_EQ(cache.size(), 3u);
}

TEST_F(AnswerCacheTest, TakesBackWhatIsOver) {
    put(1, 1h);
    put(1, 0s);
    EXPECT_FALSE(knows(1));
    AnswerCache<int> none(0);
    none.put(digest(1), 1, clock.now(), clock.now() + 1h);
    EXPECT_EQ(none.find(digest(1), clock.now()), nullptr);
}

TEST(SecretDigest, TellsTextsApartWhereverTheyEnd) {
    EXPECT_EQ(SecretDigest::of({"a", "b"}), SecretDigest::of({"a", "b"}));
    EXPECT_NE(SecretDigest::of({"a", "b"}), SecretDigest::of({"ab", ""}));
    EXPECT_NE(SecretDigest::of({"a", "b"}), SecretDigest::of({"a", "b", ""}));
    EXPECT_NE(SecretDigest::of({}), SecretDigest::of({""}));
}

}  // namespace
}  // namespace junctor
