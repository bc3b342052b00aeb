#include "connectors/mqtt/receive_window.hpp"

#include <gtest/gtest.h>

namespace junctor::mqtt {
namespace {

TEST(MqttReceiveWindow, AnswersInTheOrderOfArrival) {
    ReceiveWindow window;
    window.wait(PacketType::puback, 7);
    window.wait(PacketType::pubrec, 8);
    window.settle(8, ReasonCode::success);
    EXPECT_FALSE(window.next());
    window.settle(7, ReasonCode::not_authorized);
    const auto first = window.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->packet_id, 7);
    EXPECT_EQ(first->reason, ReasonCode::not_authorized);
    EXPECT_EQ(window.next()->type, PacketType::pubrec);
    EXPECT_FALSE(window.next());
}

TEST(MqttReceiveWindow, SettlesTheFirstOfTwoWithOneIdentifier) {
    ReceiveWindow window;
    window.wait(PacketType::puback, 7);
    window.wait(PacketType::puback, 7);
    window.settle(7, ReasonCode::success);
    EXPECT_TRUE(window.next());
    EXPECT_FALSE(window.next());
    EXPECT_EQ(window.unsettled(), 1U);
    window.settle(9, ReasonCode::success);
    EXPECT_FALSE(window.next());
}

TEST(MqttReceiveWindow, RemembersQos2MessagesUntilTheyAreReleased) {
    ReceiveWindow window;
    window.add_unreleased(3);
    window.wait(PacketType::pubrec, 3);
    EXPECT_EQ(window.size(), 1U);
    EXPECT_TRUE(window.is_unsettled(3));
    window.settle(3, ReasonCode::success);
    EXPECT_TRUE(window.next());
    EXPECT_FALSE(window.is_unsettled(3));
    EXPECT_TRUE(window.is_unreleased(3));
    window.release(3);
    EXPECT_FALSE(window.is_unreleased(3));
    EXPECT_EQ(window.size(), 0U);
}

}  // namespace
}  // namespace junctor::mqtt
