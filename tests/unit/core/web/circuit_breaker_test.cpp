#include "core/web/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::web {
namespace {

using namespace std::chrono_literals;
using Pass = CircuitBreaker::Pass;

class CircuitBreakerTest : public ::testing::Test {
protected:
    void fail_after(Duration took, Pass pass = Pass::yes) {
        const TimePoint began = clock.now();
        clock.advance(took);
        breaker.failed(began, clock.now(), pass);
    }
    void open() {
        for (int i = 0; i < CircuitBreaker::failures; ++i) fail_after(0s);
        ASSERT_TRUE(breaker.open());
    }
    /// How long it lets nobody through, to the millisecond.
    Duration pause() {
        const TimePoint from = clock.now();
        while (breaker.ask(clock.now()) == Pass::no) clock.advance(1ms);
        return clock.now() - from;
    }

    test::FakeClock clock;
    test::SeededRandom random{7};
    CircuitBreaker breaker{random};
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
    for (int i = 1; i < CircuitBreaker::failures; ++i) fail_after(1ms);
    EXPECT_EQ(breaker.ask(clock.now()), Pass::yes);
    fail_after(1ms);
    EXPECT_EQ(breaker.ask(clock.now()), Pass::no);
}

TEST_F(CircuitBreakerTest, AnAnswerInBetweenStartsTheCountAnew) {
    for (int i = 0; i < 100; ++i) {
        for (int j = 1; j < CircuitBreaker::failures; ++j) fail_after(1ms);
        breaker.succeeded();
    }
    EXPECT_FALSE(breaker.open());
}

// THREATS 2: the circuit opens within 3 s, also when one asks at a time and waits a second for each.
TEST_F(CircuitBreakerTest, OpensWithinThreeSecondsForThoseWhoWaitASecond) {
    const TimePoint start = clock.now();
    while (!breaker.open()) fail_after(1s);
    EXPECT_LE(clock.now() - start, 3s);
}

TEST_F(CircuitBreakerTest, OneLongWaitAloneDoesNotOpenIt) {
    fail_after(60s);
    EXPECT_FALSE(breaker.open());
    fail_after(60s);
    EXPECT_TRUE(breaker.open());
}

TEST_F(CircuitBreakerTest, LetsOneThroughToSee) {
    open();
    pause();
    EXPECT_EQ(breaker.ask(clock.now()), Pass::no) << "one is on its way";
    breaker.succeeded();
    EXPECT_EQ(breaker.ask(clock.now()), Pass::yes);
    EXPECT_FALSE(breaker.open());
}

TEST_F(CircuitBreakerTest, PausesLongerEachTimeUpToALimitAndNeverTwiceAlike) {
    open();
    Duration longest = CircuitBreaker::first_pause;
    Duration before{};
    for (int i = 0; i < 10; ++i) {
        const Duration paused = pause();
        EXPECT_LE(paused, longest + 1ms);
        EXPECT_GE(paused, longest / 2);
        EXPECT_NE(paused, before);
        before = paused;
        fail_after(10ms, Pass::probe);
        longest = std::min(longest * 2, CircuitBreaker::longest_pause);
    }
}

TEST_F(CircuitBreakerTest, WhatWentOutBeforeItOpenedChangesNothing) {
    const TimePoint early = clock.now();
    open();
    clock.advance(CircuitBreaker::first_pause);
    ASSERT_EQ(breaker.ask(clock.now()), Pass::probe);
    breaker.failed(early, clock.now());
    EXPECT_EQ(breaker.ask(clock.now()), Pass::no) << "the probe is still on its way";
    breaker.abandoned();
    EXPECT_EQ(breaker.ask(clock.now()), Pass::probe);
}

// Whoever asks may have set out before the pause was over.
TEST_F(CircuitBreakerTest, AProbeFailsWheneverItBegan) {
    open();
    const TimePoint early = clock.now();
    pause();
    breaker.failed(early, clock.now(), Pass::probe);
    pause();
    breaker.succeeded();
    EXPECT_FALSE(breaker.open());
}

TEST_F(CircuitBreakerTest, StartsWithAShortPauseAgainAfterAnAnswer) {
    open();
    for (int i = 0; i < 5; ++i) {
        pause();
        fail_after(0s, Pass::probe);
    }
    pause();
    breaker.succeeded();
    open();
    EXPECT_LE(pause(), CircuitBreaker::first_pause + 1ms);
}

}  // namespace
}  // namespace junctor::web
