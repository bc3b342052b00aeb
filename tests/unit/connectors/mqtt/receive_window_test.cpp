#include "connectors/mqtt/receive_window.hpp"

#include <gtest/gtest.h>

namespace junctor::mqtt {
namespace {

using Phase = ReceiveWindow::Phase;

TEST(MqttReceiveWindow, AnswersInTheOrderOfArrival) {
    ReceiveWindow window;
    const auto a = window.next_position();
    window.wait(PacketType::puback, 7);
    const auto b = window.next_position();
    window.wait(PacketType::pubrec, 8);
    window.settle(b, ReasonCode::success);
    EXPECT_FALSE(window.next());
    window.settle(a, ReasonCode::not_authorized);
    const auto first = window.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->packet_id, 7);
    EXPECT_EQ(first->reason, ReasonCode::not_authorized);
    EXPECT_EQ(window.next()->type, PacketType::pubrec);
    EXPECT_FALSE(window.next());
}

TEST(MqttReceiveWindow, KeepsTwoMessagesWithOneIdentifierApart) {
    ReceiveWindow window;
    window.wait(PacketType::puback, 7);
    const auto second = window.next_position();
    window.wait(PacketType::puback, 7);
    window.settle(second, ReasonCode::quota_exceeded);
    EXPECT_FALSE(window.next());
    window.settle(second - 1, ReasonCode::success);
    EXPECT_EQ(window.next()->reason, ReasonCode::success);
    EXPECT_EQ(window.next()->reason, ReasonCode::quota_exceeded);
    EXPECT_EQ(window.unsettled(), 0U);
}

TEST(MqttReceiveWindow, SettlesInAnyOrderWhileTheRowMovesOn) {
    ReceiveWindow window;
    ReceiveWindow::Position oldest = window.next_position();
    for (int i = 0; i < 1'000; ++i) window.wait(PacketType::puback, 1);
    for (int round = 0; round < 10'000; ++round) {
        window.wait(PacketType::puback, 1);
        window.settle(oldest + 1, ReasonCode::success);
        EXPECT_FALSE(window.next());
        window.settle(oldest, ReasonCode::success);
        ASSERT_TRUE(window.next());
        ASSERT_TRUE(window.next());
        window.wait(PacketType::puback, 1);
        oldest += 2;
    }
    EXPECT_EQ(window.unsettled(), 1'000U);
    EXPECT_EQ(window.size(), 1'000U);
}

TEST(MqttReceiveWindow, RemembersQos2MessagesUntilTheyAreReleased) {
    ReceiveWindow window;
    EXPECT_FALSE(window.phase_of(3));
    window.add_unreleased(3);
    const auto position = window.next_position();
    window.wait(PacketType::pubrec, 3);
    EXPECT_EQ(window.size(), 1U);
    EXPECT_EQ(window.phase_of(3), Phase::unsettled);
    window.settle(position, ReasonCode::success);
    EXPECT_TRUE(window.next());
    window.set_phase(3, Phase::answered);
    EXPECT_EQ(window.phase_of(3), Phase::answered);
    EXPECT_EQ(window.size(), 1U);
    window.release(3);
    EXPECT_FALSE(window.phase_of(3));
    EXPECT_EQ(window.size(), 0U);
}

TEST(MqttReceiveWindow, DoesNotCountWhatAnEarlierConnectionLeft) {
    ReceiveWindow window;
    window.restore_unreleased(9);
    EXPECT_EQ(window.phase_of(9), Phase::answered);
    EXPECT_EQ(window.size(), 0U);
    window.release(9);
    EXPECT_EQ(window.size(), 0U);
}

}  // namespace
}  // namespace junctor::mqtt
