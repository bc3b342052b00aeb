#include "connectors/mqtt/send_window.hpp"

#include <gtest/gtest.h>

namespace junctor::mqtt {
namespace {

using Wait = SendWindow::Wait;

TEST(MqttSendWindow, CountsFrom1AndSkips0WhenItWraps) {
    SendWindow window(10);
    for (std::uint32_t sent = 0; sent < 200'000; ++sent) {
        const std::uint16_t id = window.begin(Wait::puback);
        EXPECT_EQ(id, sent % 65'535 + 1);
        window.done(id);
    }
    EXPECT_EQ(window.find(0).wait, Wait::nothing);
}

TEST(MqttSendWindow, ClosesAtItsLimitAndOpensInAnyOrder) {
    SendWindow window(3);
    const std::uint16_t a = window.begin(Wait::puback);
    const std::uint16_t b = window.begin(Wait::puback);
    const std::uint16_t c = window.begin(Wait::pubrec);
    EXPECT_FALSE(window.open());
    window.done(b);
    EXPECT_TRUE(window.open());
    EXPECT_EQ(window.find(a).wait, Wait::puback);
    EXPECT_EQ(window.find(b).wait, Wait::nothing);
    EXPECT_EQ(window.find(c).wait, Wait::pubrec);
    window.now_waits(c, Wait::pubcomp);
    EXPECT_EQ(window.find(c).wait, Wait::pubcomp);
    window.done(a);
    window.done(c);
    EXPECT_EQ(window.waiting(), 0U);
}

TEST(MqttSendWindow, NeverGivesAnIdentifierThatIsStillOut) {
    SendWindow window(10);
    const std::uint16_t stuck = window.begin(Wait::puback);
    for (int i = 0; i < 140'000; ++i) {
        const std::uint16_t id = window.begin(Wait::puback);
        ASSERT_NE(id, stuck);
        window.done(id);
    }
    EXPECT_EQ(window.find(stuck).wait, Wait::puback);
}

TEST(MqttSendWindow, NamesADurableMessageAfterItsSequence) {
    SendWindow window(1'000);
    EXPECT_EQ(window.begin(Wait::puback, 1), 2);
    EXPECT_EQ(window.begin(Wait::pubrec, 65'534), 65'535);
    EXPECT_EQ(window.begin(Wait::puback, 65'535), 1);
    EXPECT_EQ(window.find(65'535).sequence, 65'534U);
    EXPECT_EQ(window.find(65'535).wait, Wait::pubrec);
    EXPECT_EQ(window.begin(Wait::puback, 65'536), 0) << "the first one still has it";
    window.done(2);
    EXPECT_EQ(window.begin(Wait::puback, 65'536), 2);
}

TEST(MqttSendWindow, GivesADurableSessionsIdentifierToNobodyElse) {
    SendWindow window(1'000);
    EXPECT_EQ(window.begin(Wait::puback, 1), 2);
    EXPECT_EQ(window.begin(Wait::puback), 1);
    EXPECT_EQ(window.begin(Wait::puback), 3);
}

}  // namespace
}  // namespace junctor::mqtt
