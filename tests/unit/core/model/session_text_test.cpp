#include "core/model/session_text.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(SessionText, ComesBack) {
    for (const std::uint64_t value : {std::uint64_t{1}, std::uint64_t{0xabc}, ~std::uint64_t{}})
        EXPECT_EQ(session_of(session_text(SessionId{value})), SessionId{value});
    EXPECT_EQ(session_text(SessionId{0xabc}), "abc");
}

TEST(SessionText, WhatIsNoneIsNoSession) {
    for (const char* text : {"", "x", "-1", "10000000000000000"}) EXPECT_FALSE(session_of(text)) << text;
}

}  // namespace
}  // namespace junctor
