#include "policy/verdict_cache.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

using namespace std::chrono_literals;

class VerdictCacheTest : public ::testing::Test {
protected:
    Question question(std::string_view object, Verb verb = Verb::publish) const { return {principal, verb, object, "session", "mqtt", CoreId{}}; }
    void keep(VerdictCache& cache, std::string_view object, Duration time = 10s, std::uint32_t authorizer = 0) {
        cache.keep(authorizer, KeptQuestion(question(object)), {Verdict::Outcome::allow, std::string(object), "rule"}, now + time);
    }
    const VerdictCache::Kept* find(VerdictCache& cache, std::string_view object, std::uint32_t authorizer = 0) {
        return cache.find(authorizer, question(object), now);
    }

    PrincipalRef principal{new Principal({}, "somebody")};
    TimePoint now{1h};
};

TEST_F(VerdictCacheTest, FindsWhatWasSaidUntilItsTimeIsOver) {
    VerdictCache cache;
    keep(cache, "a");
    keep(cache, "b", 20s);
    ASSERT_TRUE(find(cache, "a"));
    EXPECT_EQ(find(cache, "a")->verdict.reason, "a");
    EXPECT_FALSE(find(cache, "a", 1)) << "another authorizer";
    EXPECT_FALSE(cache.find(0, question("a", Verb::subscribe), now)) << "another verb";
    now += 10s;
    EXPECT_FALSE(find(cache, "a"));
    EXPECT_TRUE(find(cache, "b"));
    EXPECT_EQ(cache.size(), 1U);
    cache.forget_all();
    EXPECT_FALSE(find(cache, "b"));
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(VerdictCacheTest, TellsPrincipalsApartByAllThatAPolicyMaySee) {
    VerdictCache cache;
    keep(cache, "a");
    const Ref<Principal> same(new Principal({}, "somebody"));
    principal = same;
    EXPECT_TRUE(find(cache, "a")) << "another connection of the same one";
    const Ref<Principal> admin(new Principal({}, "somebody"));
    admin->groups = {"admins"};
    principal = admin;
    EXPECT_FALSE(find(cache, "a"));
    principal = PrincipalRef(new Principal(TenantId{1}, "somebody"));
    EXPECT_FALSE(find(cache, "a"));
}

TEST_F(VerdictCacheTest, TheLastWordCounts) {
    VerdictCache cache;
    keep(cache, "a");
    cache.keep(0, KeptQuestion(question("a")), {Verdict::Outcome::deny, "changed", ""}, now + 1s);
    EXPECT_EQ(find(cache, "a")->verdict.reason, "changed");
    EXPECT_EQ(cache.size(), 1U);
}

TEST_F(VerdictCacheTest, IsBoundedAndForgetsWhatWasUsedLongestAgo) {
    VerdictCache cache({3, 1'000'000});
    for (const char* object : {"a", "b", "c"}) keep(cache, object);
    find(cache, "a");
    keep(cache, "d");
    EXPECT_TRUE(find(cache, "a"));
    EXPECT_FALSE(find(cache, "b"));
    VerdictCache narrow({1'000, 10'000});
    for (int i = 0; i < 100; ++i) keep(narrow, std::string(2'000, static_cast<char>('a' + i % 20)) + std::to_string(i));
    EXPECT_LE(narrow.bytes(), 10'000U);
    EXPECT_GE(narrow.size(), 1U);
}

}  // namespace
}  // namespace junctor
