#include "policy/tokens/key_ring.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

class KeyRingTest : public ::testing::Test {
protected:
    KeyRing make() { return KeyRing(terms, clock.now()); }
    void fetch(KeyRing& ring, std::optional<Duration> max_age = {}) {
        ring.begin(clock.now());
        ring.succeeded(std::make_shared<const jose::KeySet>(std::vector<jose::VerificationKey>()), max_age, clock.now());
    }
    void fail(KeyRing& ring, std::uint64_t random = 0) {
        ring.begin(clock.now());
        ring.failed(clock.now(), random);
    }

    test::FakeClock clock;
    KeyRing::Terms terms;
};

TEST_F(KeyRingTest, FetchesAtOnceAndThenAsOftenAsTheProviderSays) {
    KeyRing ring = make();
    EXPECT_EQ(ring.due(), clock.now());
    EXPECT_EQ(ring.keys(), nullptr);
    EXPECT_LT(ring.good_until(), clock.now());
    fetch(ring, 10min);
    EXPECT_EQ(ring.due(), clock.now() + 10min);
    fetch(ring);
    EXPECT_EQ(ring.due(), clock.now() + terms.refresh);
}

TEST_F(KeyRingTest, KeepsWithinItsOwnBounds) {
    KeyRing ring = make();
    fetch(ring, 0s);
    EXPECT_EQ(ring.due(), clock.now() + terms.refresh_least);
    fetch(ring, 24h * 365);
    EXPECT_EQ(ring.due(), clock.now() + terms.refresh);
}

TEST_F(KeyRingTest, NothingIsDueWhileItFetches) {
    KeyRing ring = make();
    ring.begin(clock.now());
    EXPECT_TRUE(ring.fetching());
    EXPECT_EQ(ring.due(), TimePoint::max());
    EXPECT_FALSE(ring.may_fetch_for_miss(clock.now() + 1h)) << "who misses waits for this one";
}

TEST_F(KeyRingTest, UnknownKeyIdsCauseOneFetchPerInterval) {
    KeyRing ring = make();
    EXPECT_TRUE(ring.may_fetch_for_miss(clock.now()));
    fetch(ring);
    EXPECT_FALSE(ring.may_fetch_for_miss(clock.now()));
    clock.advance(terms.miss_interval - 1ns);
    EXPECT_FALSE(ring.may_fetch_for_miss(clock.now()));
    clock.advance(1ns);
    EXPECT_TRUE(ring.may_fetch_for_miss(clock.now()));
    fail(ring);
    EXPECT_FALSE(ring.may_fetch_for_miss(clock.now())) << "a failed one counts too";
}

TEST_F(KeyRingTest, RetriesWithABackOffThatIsSpread) {
    KeyRing ring = make();
    for (const Duration pause : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms}) {
        fail(ring, 0);
        EXPECT_EQ(ring.due(), clock.now() + pause / 2);
    }
    fail(ring, 15'000'000'000);
    EXPECT_EQ(ring.due(), clock.now() + 30s);
    for (int i = 0; i < 100; ++i) fail(ring, ~std::uint64_t{0});
    EXPECT_LE(ring.due(), clock.now() + 30s);
    EXPECT_GE(ring.due(), clock.now() + 15s);
    fetch(ring);
    fail(ring);
    EXPECT_EQ(ring.due(), clock.now() + 250ms) << "a success begins anew";
}

TEST_F(KeyRingTest, InheritedKeysCountNoLongerThanItsOwnWould) {
    const auto keys = std::make_shared<const jose::KeySet>(std::vector<jose::VerificationKey>());
    KeyRing ring = make();
    ring.inherit(keys, clock.now() + 1h, clock.now());
    EXPECT_EQ(ring.keys(), keys);
    EXPECT_EQ(ring.good_until(), clock.now() + 1h);
    EXPECT_EQ(ring.due(), clock.now()) << "newer ones are fetched at once";
    ring.inherit(keys, clock.now() + 1000h, clock.now());
    EXPECT_EQ(ring.good_until(), clock.now() + terms.keep);
}

TEST_F(KeyRingTest, KeysCountWhileTheProviderIsAwayUpToALimit) {
    KeyRing ring = make();
    fetch(ring);
    const jose::KeySetPtr keys = ring.keys();
    const TimePoint until = clock.now() + terms.keep;
    for (int i = 0; i < 50; ++i) {
        clock.advance(20min);
        fail(ring);
    }
    EXPECT_EQ(ring.keys(), keys);
    EXPECT_EQ(ring.good_until(), until);
}

}  // namespace
}  // namespace junctor
