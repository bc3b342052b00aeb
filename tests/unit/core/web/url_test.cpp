#include "core/web/url.hpp"

#include <gtest/gtest.h>

namespace junctor::web {
namespace {

TEST(Url, SplitsWhatPeopleWrite) {
    const Url plain = Url::parse("http://127.0.0.1:8080/v1?a=b");
    EXPECT_EQ(plain.host, "127.0.0.1");
    EXPECT_EQ(plain.port, "8080");
    EXPECT_EQ(plain.path, "/v1?a=b");
    EXPECT_FALSE(plain.secure());
    const Url secure = Url::parse("wss://gateway.example");
    EXPECT_EQ(secure.port, "443");
    EXPECT_EQ(secure.path, "");
    EXPECT_TRUE(secure.secure());
    const Url six = Url::parse("http://[::1]:8080/");
    EXPECT_EQ(six.host, "::1");
    EXPECT_EQ(six.authority(), "[::1]:8080");
    EXPECT_EQ(Url::parse("http://[::1]").port, "80");
}

// THREATS class 18: a URL must not write a header line.
TEST(Url, RefusesWhatIsNone) {
    for (const char* text : {"", "127.0.0.1:8080", "http://", "http://:80", "http://a:", "http://a:b", "http://a:123456", "http://a/b c",
                             "http://a/\r\nX: y", "http://a\r\n/"})
        EXPECT_THROW(Url::parse(text), ClientError) << text;
}

TEST(Url, AuthorizationIsBasic) {
    ClientOptions options;
    EXPECT_TRUE(authorization(options).empty());
    options.user = "user";
    options.password = "pass";
    EXPECT_EQ(authorization(options).at(0), (Header{"Authorization", "Basic dXNlcjpwYXNz"}));
}

}  // namespace
}  // namespace junctor::web
