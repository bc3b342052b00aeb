#include "connectors/mqtt/send_window.hpp"

#include <gtest/gtest.h>

namespace junctor::mqtt {
namespace {

TEST(MqttSendWindow, CountsFrom1AndSkips0WhenItWraps) {
    SendWindow window(10);
    for (std::uint32_t sent = 0; sent < 200'000; ++sent) {
        const std::uint16_t id = window.begin(1);
        EXPECT_EQ(id, sent % 65'535 + 1);
        window.done(id);
    }
    EXPECT_EQ(window.wait_of(0), SendWindow::Wait::nothing);
}

TEST(MqttSendWindow, ClosesAtItsLimitAndOpensInAnyOrder) {
    SendWindow window(3);
    const std::uint16_t a = window.begin(1);
    const std::uint16_t b = window.begin(1);
    const std::uint16_t c = window.begin(2);
    EXPECT_FALSE(window.open());
    window.done(b);
    EXPECT_TRUE(window.open());
    EXPECT_EQ(window.wait_of(a), SendWindow::Wait::puback);
    EXPECT_EQ(window.wait_of(b), SendWindow::Wait::nothing);
    EXPECT_EQ(window.wait_of(c), SendWindow::Wait::pubrec);
    window.released(c);
    EXPECT_EQ(window.wait_of(c), SendWindow::Wait::pubcomp);
    window.done(a);
    window.done(c);
    EXPECT_EQ(window.waiting(), 0U);
}

TEST(MqttSendWindow, NeverGivesAnIdentifierThatIsStillOut) {
    SendWindow window(10);
    const std::uint16_t stuck = window.begin(1);
    std::uint32_t given = 1;
    while (window.open()) {
        const std::uint16_t id = window.begin(1);
        ASSERT_NE(id, stuck);
        window.done(id);
        ++given;
    }
    EXPECT_EQ(given, 32'767U);
    window.done(stuck);
    EXPECT_TRUE(window.open());
}

}  // namespace
}  // namespace junctor::mqtt
