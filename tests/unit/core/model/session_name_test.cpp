#include "core/model/session_name.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor {
namespace {

TEST(SessionName, IsOneTopicLevelWithoutWildcards) {
    for (const char* name : {"a", "desk 7", "\xc3\xa4", "$x", "0"}) EXPECT_TRUE(valid_session_name(name)) << name;
    for (const std::string& name : {std::string(""), std::string("a/b"), std::string("/"), std::string("+"), std::string("a#"),
                                   std::string("\0x", 2), std::string("\xff"), std::string(70'000, 'x')})
        EXPECT_FALSE(valid_session_name(name)) << name.substr(0, 8);
}

}  // namespace
}  // namespace junctor
