#include "core/runtime/poller.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>

#include "core/runtime/doorbell.hpp"
#include "core/runtime/polled_descriptor.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

class Watched final : public Pollable {
public:
    Watched() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0); }
    ~Watched() {
        close(pair[0]);
        close(pair[1]);
    }
    void ready(std::uint32_t events) noexcept override {
        ++calls;
        last_events = events;
        if (on_ready) on_ready();
    }
    void poke() { EXPECT_EQ(write(pair[1], "x", 1), 1); }

    int pair[2];
    int calls = 0;
    std::uint32_t last_events = 0;
    std::function<void()> on_ready;
};

struct PollerTest : testing::Test {
    std::size_t poll() {
        poller.wait(Duration::zero());
        return poller.dispatch();
    }
    Poller poller;
};

TEST_F(PollerTest, TellsOfWhatIsAskedForAsLongAsItIsSo) {
    Watched watched;
    ASSERT_TRUE(poller.add(watched.pair[0], watched, EPOLLIN));
    EXPECT_EQ(poll(), 0U);
    watched.poke();
    EXPECT_EQ(poll(), 1U);
    EXPECT_EQ(poll(), 1U);
    EXPECT_EQ(watched.last_events, EPOLLIN);
    poller.change(watched.pair[0], watched, EPOLLOUT);
    poll();
    EXPECT_EQ(watched.last_events, EPOLLOUT);
}

TEST_F(PollerTest, OneMayRemoveAnotherThatIsReadyToo) {
    Watched first;
    Watched second;
    poller.add(first.pair[0], first, EPOLLIN);
    poller.add(second.pair[0], second, EPOLLIN);
    first.on_ready = [&] { poller.remove(second.pair[0], second); };
    second.on_ready = [&] { poller.remove(first.pair[0], first); };
    first.poke();
    second.poke();
    poll();
    EXPECT_EQ(first.calls + second.calls, 1);
}

TEST_F(PollerTest, WhoWasPutOffComesFirstInTheNextRound) {
    std::array<Watched, 4> all;
    std::string order;
    for (std::size_t i = 0; i < all.size(); ++i) {
        poller.add(all[i].pair[0], all[i], EPOLLIN);
        all[i].poke();
        all[i].on_ready = [&, i] { order += static_cast<char>('a' + i); };
    }
    poll();
    const std::string turn = order;  // the kernel's
    ASSERT_EQ(turn.size(), 4U);
    order.clear();
    Watched& second = all[static_cast<std::size_t>(turn[1] - 'a')];
    second.on_ready = [&] { poller.postpone(); };
    EXPECT_EQ(poll(), 2U);
    second.on_ready = [&] { order += turn[1]; };
    EXPECT_EQ(poll(), 3U);
    EXPECT_EQ(order, turn);
}

TEST_F(PollerTest, WhoWasPutOffAndLeavesIsNotCalled) {
    Watched first;
    Watched second;
    poller.add(first.pair[0], first, EPOLLIN);
    poller.add(second.pair[0], second, EPOLLIN);
    first.poke();
    second.poke();
    first.on_ready = second.on_ready = [&] { poller.postpone(); };
    EXPECT_EQ(poll(), 1U);
    poller.remove(first.pair[0], first);
    poller.remove(second.pair[0], second);
    poll();
    EXPECT_EQ(first.calls + second.calls, 1);
}

TEST_F(PollerTest, ThePromptOnesComeBeforeTheBulk) {
    std::array<Watched, 4> all;
    std::string order;
    for (std::size_t i = 0; i < all.size(); ++i) {
        poller.add(all[i].pair[0], all[i], EPOLLIN, i % 2 == 0 ? Poller::Lane::bulk : Poller::Lane::prompt);
        all[i].poke();
        all[i].on_ready = [&, i] { order += i % 2 == 0 ? 'b' : 'p'; };
    }
    EXPECT_EQ(poll(), 4U);
    EXPECT_EQ(order, "ppbb");
}

TEST_F(PollerTest, TheBulkThatIsPutOffKeepsNobodyPromptWaiting) {
    Watched bulk;
    Watched prompt;
    poller.add(bulk.pair[0], bulk, EPOLLIN, Poller::Lane::bulk);
    poller.add(prompt.pair[0], prompt, EPOLLIN);
    bulk.poke();
    bulk.on_ready = [&] { poller.postpone(); };
    EXPECT_EQ(poll(), 1U);
    prompt.poke();
    EXPECT_EQ(poll(), 2U);
    EXPECT_EQ(prompt.calls, 1);
    EXPECT_EQ(bulk.calls, 2);
}

TEST_F(PollerTest, OneMayChangeItsLaneWhileItIsCalled) {
    Watched watched;
    poller.add(watched.pair[0], watched, EPOLLIN);
    watched.poke();
    watched.on_ready = [&] {
        poller.remove(watched.pair[0], watched);
        poller.add(watched.pair[0], watched, EPOLLIN, Poller::Lane::bulk);
        watched.on_ready = {};
    };
    poll();
    EXPECT_EQ(poll(), 1U);
    poller.change(watched.pair[0], watched, EPOLLOUT, Poller::Lane::bulk);
    EXPECT_EQ(poll(), 1U);
    EXPECT_EQ(watched.last_events, EPOLLOUT);
    poller.remove(watched.pair[0], watched, Poller::Lane::bulk);
    EXPECT_EQ(poll(), 0U);
}

TEST_F(PollerTest, AnUnknownDescriptorCannotBeWatched) {
    Watched watched;
    EXPECT_FALSE(poller.add(-1, watched, EPOLLIN));
}

TEST_F(PollerTest, ADoorbellWritesOnlyToASleeper) {
    Doorbell bell;
    poller.add(bell.descriptor(), bell, EPOLLIN);
    bell.ring();
    EXPECT_EQ(poll(), 0U);
    bell.going_to_sleep();
    bell.ring();
    bell.ring();
    EXPECT_EQ(poll(), 1U);
    EXPECT_EQ(poll(), 0U) << "read away";
    bell.going_to_sleep();
    bell.awake();
    bell.ring();
    EXPECT_EQ(poll(), 0U);
}

TEST_F(PollerTest, AForeignDescriptorIsLeftOpen) {
    Watched owner;
    int calls = 0;
    {
        const PolledDescriptor watch(poller, owner.pair[0], [&] { ++calls; });
        owner.poke();
        EXPECT_EQ(poll(), 1U);
    }
    EXPECT_EQ(poll(), 0U);
    EXPECT_EQ(calls, 1);
    char byte;
    EXPECT_EQ(read(owner.pair[0], &byte, 1), 1);
}

}  // namespace
}  // namespace junctor
