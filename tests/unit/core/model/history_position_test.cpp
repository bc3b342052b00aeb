#include "core/model/history_position.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(HistoryPosition, IsTextThatComesBack) {
    const HistoryPosition position{0x9f86d081884c7d65, 17};
    EXPECT_EQ(to_string(position), "9f86d081884c7d65-17");
    EXPECT_EQ(to_string(HistoryPosition{1, 0}), "0000000000000001-0");
    EXPECT_EQ(parse_history_position(to_string(position)), position);
}

TEST(HistoryPosition, RefusesWhatIsNone) {
    for (const char* text : {"", "-", "9f86d081884c7d65", "9f86d081884c7d65-", "9f86d081884c7d65-x", "9f86d081884c7d65-1x", "9f86-17",
                             "9g86d081884c7d65-1", "9f86d081884c7d65-99999999999999999999", "+f86d081884c7d65-1", "9f86d081884c7d65--1"})
        EXPECT_FALSE(parse_history_position(text)) << text;
}

}  // namespace
}  // namespace junctor
