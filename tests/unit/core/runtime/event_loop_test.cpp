#include "core/runtime/event_loop.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "core/runtime/system_clock.hpp"
#include "tests/support/model_store.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

class SoonStopped final : public Timer {
public:
    explicit SoonStopped(EventLoop& loop) : loop_(loop) {}
    void expired(TimePoint) noexcept override { loop_.stop(); }

private:
    EventLoop& loop_;
};

class Echo final : public Pollable {
public:
    explicit Echo(EventLoop& loop) : loop_(loop) {}
    void ready(std::uint32_t) noexcept override {
        ++readies;
        loop_.mark_dirty(*this);
    }
    void flush() noexcept override { ++flushes; }
    int readies = 0;
    int flushes = 0;

private:
    EventLoop& loop_;
};

struct EventLoopTest : testing::Test {
    SystemClock clock;
    Limits limits;
    CoreMesh mesh{2, 64};
    EventLoop loop{{{0}, clock, limits, mesh}};
};

TEST_F(EventLoopTest, ATimerWakesTheSleepingLoop) {
    SoonStopped timer(loop);
    const TimePoint begun = clock.now();
    loop.core().timers().arm(timer, begun + 20ms);
    loop.run();
    EXPECT_GE(clock.now(), begun + 20ms);
}

TEST_F(EventLoopTest, TasksPostedByAnotherThreadWakeIt) {
    CoreId ran_on{9};
    std::thread poster([&] {
        loop.post([&](Core& core) {
            ran_on = core.id();
            loop.stop();
        });
    });
    loop.run();
    poster.join();
    EXPECT_EQ(ran_on, CoreId{0});
}

TEST_F(EventLoopTest, ADirtyPollableIsFlushedOnceInTheRoundThatMarkedIt) {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    Echo echo(loop);
    ASSERT_TRUE(loop.poller().add(pair[0], echo, EPOLLIN));
    EXPECT_FALSE(loop.run_round());
    ASSERT_EQ(write(pair[1], "x", 1), 1);
    EXPECT_TRUE(loop.run_round());
    EXPECT_EQ(echo.readies, 1);
    EXPECT_EQ(echo.flushes, 1);
    loop.mark_dirty(echo);
    loop.unmark(echo);
    loop.poller().remove(pair[0], echo);
    loop.run_round();
    EXPECT_EQ(echo.readies, 1);
    EXPECT_EQ(echo.flushes, 1);
    close(pair[0]);
    close(pair[1]);
}

TEST_F(EventLoopTest, RunsCallsItselfAndHandsOtherMailToTheHandler) {
    std::vector<Mail::What> handled;
    bool called = false;
    loop.set_mail_handler([&](Mail&& mail) { handled.push_back(mail.what); });
    Mail call;
    call.task = std::make_unique<std::function<void(Core&)>>([&](Core&) { called = true; });
    loop.core().mailbox().post({0}, std::move(call));
    Mail interest;
    interest.what = Mail::What::interest;
    loop.core().mailbox().post({0}, std::move(interest));
    loop.run_round();
    loop.run_round();
    EXPECT_TRUE(called);
    EXPECT_EQ(handled, (std::vector{Mail::What::interest}));
}

TEST_F(EventLoopTest, WhatUsesAsioRunsTooAndDoesNotKeepDescriptorsWaiting) {
    boost::asio::steady_timer timer(loop.io(), 10ms);
    bool asio_ran = false;
    timer.async_wait([&](const ErrorCode&) { asio_ran = true; });
    SoonStopped stopped(loop);
    boost::asio::steady_timer never(loop.io(), 1h);
    never.async_wait([](const ErrorCode&) {});
    loop.core().timers().arm(stopped, clock.now() + 50ms);
    bool task_ran = false;
    std::thread poster([&] { loop.post([&](Core&) { task_ran = true; }); });
    loop.run();
    poster.join();
    EXPECT_TRUE(task_ran);
    EXPECT_TRUE(asio_ran);
}

TEST(EventLoops, TwoSleepingCoresPassMailBackAndForthInOrder) {
    constexpr std::uint32_t total = 20'000;
    SystemClock clock;
    Limits limits;
    CoreMesh mesh{2, 16};
    EventLoop first{{{0}, clock, limits, mesh}};
    EventLoop second{{{1}, clock, limits, mesh}};
    std::uint32_t expected = 0;
    bool ordered = true;
    second.set_mail_handler([&](Mail&& mail) { second.core().mailbox().post({0}, std::move(mail)); });
    first.set_mail_handler([&](Mail&& mail) {
        ordered = ordered && mail.count == expected++;
        if (expected == total) first.stop();
    });
    first.post([&](Core& core) {
        for (std::uint32_t i = 0; i < total; ++i) {
            Mail mail;
            mail.what = Mail::What::message;
            mail.count = i;
            core.mailbox().post({1}, std::move(mail));
        }
    });
    std::thread other([&] { second.run(); });
    first.run();
    second.stop();
    other.join();
    EXPECT_EQ(expected, total);
    EXPECT_TRUE(ordered);
}

TEST_F(EventLoopTest, WhatARoundWritesDownIsOneBatchSubmittedAtItsEnd) {
    test::ModelStore store;
    store.start(1, [](CoreId, std::uint64_t) {});
    EventLoop storing({{0}, clock, limits, mesh, &store});
    for (const char* key : {"a", "b"})
        storing.post([key](Core& core) { core.journal().batch().put(as_bytes(key), as_bytes("v")); });
    storing.run_round();
    EXPECT_TRUE(store.waiting());
    EXPECT_EQ(store.commit_all(), 1U);
    EXPECT_EQ(store.records().size(), 2U);
}

/// Writes something down when it is flushed: after the round's journal has gone.
class LateWriter final : public Pollable {
public:
    explicit LateWriter(EventLoop& loop) : loop_(loop) {}
    void ready(std::uint32_t) noexcept override {}
    void flush() noexcept override { loop_.core().journal().batch().put(as_bytes("late"), as_bytes("v")); }

private:
    EventLoop& loop_;
};

/// Ends the loop with its first batch.
class EndingStore final : public Store {
public:
    void load(const std::function<void(Bytes, Bytes)>&) override {}
    void start(std::uint16_t, Committed) override {}
    void stop() noexcept override {}
    void submit(CoreId, StoreBatch&&) noexcept override { loop->stop(); }
    bool accepts() const noexcept override { return true; }
    EventLoop* loop = nullptr;
};

TEST_F(EventLoopTest, WhatIsWrittenDownWhileConnectionsAreFlushedKeepsTheLoopAwake) {
    EndingStore store;
    EventLoop storing({{0}, clock, limits, mesh, &store});
    store.loop = &storing;
    LateWriter writer(storing);
    storing.mark_dirty(writer);
    const TimePoint begun = clock.now();
    storing.run();
    EXPECT_LT(clock.now() - begun, 30s) << "it slept upon it";
}

}  // namespace
}  // namespace junctor
