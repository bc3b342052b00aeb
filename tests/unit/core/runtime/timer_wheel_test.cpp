#include "core/runtime/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace junctor {
namespace {

using namespace std::chrono_literals;

class Recorder final : public Timer {
public:
    explicit Recorder(std::vector<int>& fired, int number = 0) : fired_(fired), number_(number) {}
    void expired(TimePoint now) noexcept override {
        fired_.push_back(number_);
        fired_at = now;
    }
    TimePoint fired_at;

private:
    std::vector<int>& fired_;
    int number_;
};

struct TimerWheelTest : testing::Test {
    TimePoint start = TimePoint(1h);
    TimerWheel wheel{start};
    std::vector<int> fired;
};

TEST_F(TimerWheelTest, FiresOnceAndNeverBeforeItsTime) {
    Recorder timer(fired);
    wheel.arm(timer, start + 5ms);
    wheel.advance(start + 5ms - 1ns);
    EXPECT_TRUE(fired.empty());
    wheel.advance(start + 5ms + TimerWheel::tick);
    EXPECT_EQ(fired.size(), 1U);
    EXPECT_FALSE(timer.armed());
    wheel.advance(start + 1h);
    EXPECT_EQ(fired.size(), 1U);
}

TEST_F(TimerWheelTest, EqualTimesFireInOrderOfArming) {
    std::vector<std::unique_ptr<Recorder>> timers;
    for (int i = 0; i < 100; ++i) {
        timers.push_back(std::make_unique<Recorder>(fired, i));
        wheel.arm(*timers.back(), start + 90s);
        if (i % 10 == 0) wheel.advance(start + i * 100ms);
    }
    wheel.advance(start + 91s);
    ASSERT_EQ(fired.size(), 100U);
    EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
}

TEST_F(TimerWheelTest, ACancelledOrDestroyedTimerStaysSilent) {
    Recorder cancelled(fired);
    wheel.arm(cancelled, start + 1s);
    wheel.cancel(cancelled);
    wheel.cancel(cancelled);
    {
        Recorder destroyed(fired);
        wheel.arm(destroyed, start + 1s);
    }
    wheel.advance(start + 2s);
    EXPECT_TRUE(fired.empty());
    EXPECT_EQ(wheel.next_due(), TimePoint::max());
}

TEST_F(TimerWheelTest, ArmingAgainMovesIt) {
    Recorder timer(fired);
    wheel.arm(timer, start + 1s);
    wheel.arm(timer, start + 10s);
    wheel.advance(start + 5s);
    EXPECT_TRUE(fired.empty());
    wheel.advance(start + 11s);
    EXPECT_EQ(fired.size(), 1U);
}

class Rearming final : public Timer {
public:
    explicit Rearming(TimerWheel& wheel) : wheel_(wheel) {}
    void expired(TimePoint) noexcept override {
        ++count;
        wheel_.arm(*this, TimePoint{});
    }
    int count = 0;

private:
    TimerWheel& wheel_;
};

TEST_F(TimerWheelTest, WhatIsArmedWhileFiringWaitsForTheNextAdvance) {
    Rearming timer(wheel);
    wheel.arm(timer, start);
    wheel.advance(start + 1s);
    EXPECT_EQ(timer.count, 1);
    wheel.advance(start + 2s);
    EXPECT_EQ(timer.count, 2);
}

class Killer final : public Timer {
public:
    void expired(TimePoint) noexcept override { victim.reset(); }
    std::unique_ptr<Recorder> victim;
};

TEST_F(TimerWheelTest, AFiringTimerMayDestroyTheNextOne) {
    Killer killer;
    killer.victim = std::make_unique<Recorder>(fired);
    wheel.arm(killer, start + 1s);
    wheel.arm(*killer.victim, start + 1s);
    wheel.advance(start + 2s);
    EXPECT_EQ(killer.victim, nullptr);
    EXPECT_TRUE(fired.empty());
}

TEST_F(TimerWheelTest, NextDueLeadsToTheTimerInFewSteps) {
    Recorder timer(fired);
    wheel.arm(timer, start + 24h);
    int steps = 0;
    while (fired.empty()) {
        const TimePoint next = wheel.next_due();
        ASSERT_LE(next, start + 24h + TimerWheel::tick);
        wheel.advance(next);
        ASSERT_LT(++steps, 10);
    }
    EXPECT_GE(timer.fired_at, start + 24h);
}

TEST_F(TimerWheelTest, TimeThatStandsStillOrGoesBackMovesNothing) {
    Recorder timer(fired);
    wheel.arm(timer, start);
    wheel.advance(start - 1s);
    wheel.advance(start);
    EXPECT_TRUE(fired.empty());
    wheel.advance(start + TimerWheel::tick);
    EXPECT_EQ(fired.size(), 1U);
}

TEST(TimerWheelHorizon, NeverFiresEarlyEvenBeyondTheLastLevel) {
    std::vector<int> fired;
    TimerWheel wheel{TimePoint{}};
    Recorder timer(fired);
    const TimePoint due = TimePoint(std::chrono::hours(24 * 365 * 5));
    wheel.arm(timer, due);
    for (TimePoint next = wheel.next_due(); fired.empty(); next = wheel.next_due()) wheel.advance(next);
    EXPECT_GE(timer.fired_at, due);
    EXPECT_LE(timer.fired_at, due + TimerWheel::tick);
}

TEST_F(TimerWheelTest, AgreesWithASortedList) {
    std::mt19937_64 random(7);
    std::vector<std::unique_ptr<Recorder>> timers;
    TimePoint now = start;
    for (int round = 0; round < 2'000; ++round) {
        const auto delay = Duration(static_cast<Duration::rep>(random() >> (24 + random() % 16)));
        timers.push_back(std::make_unique<Recorder>(fired, round));
        wheel.arm(*timers.back(), now + delay);
        if (random() % 4 == 0) wheel.cancel(*timers[random() % timers.size()]);
        now += Duration(static_cast<Duration::rep>(random() % 50'000'000));
        wheel.advance(now);
        for (const auto& timer : timers)
            ASSERT_TRUE(!timer->armed() || timer->due() + TimerWheel::tick > now);
    }
    for (const int number : fired) {
        const Recorder& timer = *timers[static_cast<std::size_t>(number)];
        EXPECT_GE(timer.fired_at, timer.due());
    }
    EXPECT_GT(fired.size(), 1'000U);
}

}  // namespace
}  // namespace junctor
