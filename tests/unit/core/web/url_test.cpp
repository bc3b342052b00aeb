#include "core/web/url.hpp"

#include <gtest/gtest.h>

namespace junctor::web {
namespace {

TEST(WebUrl, AuthorizationIsBasic) {
    ClientOptions options;
    EXPECT_TRUE(authorization(options).empty());
    options.user = "user";
    options.password = "pass";
    EXPECT_EQ(authorization(options).at(0), (Header{"Authorization", "Basic dXNlcjpwYXNz"}));
}

}  // namespace
}  // namespace junctor::web
