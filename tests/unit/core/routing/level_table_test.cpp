#include "core/routing/level_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor {
namespace {

TEST(LevelTable, HoldsEachTextOnce) {
    LevelTable table;
    for (const std::string& text : {std::string(), std::string("a"), std::string(18, 'x'), std::string(19, 'x'), std::string(65'535, 'y')}) {
        const std::uint32_t handle = table.acquire(text);
        EXPECT_NE(handle, 0u);
        EXPECT_EQ(table.acquire(text), handle);
        EXPECT_EQ(table.find(text), handle);
        EXPECT_EQ(table.text(handle), text);
    }
    EXPECT_EQ(table.size(), 5u);
    EXPECT_EQ(table.find("b"), 0u);
}

TEST(LevelTable, ForgetsATextWithItsLastReference) {
    LevelTable table;
    const std::string text(100, 'z');
    const std::uint32_t handle = table.acquire(text);
    table.acquire(text);
    table.release(handle);
    EXPECT_EQ(table.find(text), handle);
    table.release(handle);
    EXPECT_EQ(table.find(text), 0u);
    EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace junctor
