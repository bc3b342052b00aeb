#include "core/ports/url.hpp"

#include <gtest/gtest.h>

#include "core/ports/client.hpp"

namespace junctor {
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
    EXPECT_EQ(six.origin(), "http://[::1]:8080");
    EXPECT_EQ(Url::parse("http://[::1]").port, "80");
    EXPECT_EQ(Url::parse("HTTPS://a").origin(), "https://a:443");
    EXPECT_EQ(Url::parse("http://a?b=c").path, "/?b=c");
}

// THREATS class 18: a URL must not write a header line.
TEST(Url, RefusesWhatIsNone) {
    for (const char* text : {"", "127.0.0.1:8080", "http://", "http://:80", "http://a:", "http://a:b", "http://a:123456", "http://a/b c",
                             "http://a/\r\nX: y", "http://a\r\n/", "http://a\\b/", "http://a/#b", "http://a#b", "http://a:80:80/", "http://::1/"})
        EXPECT_THROW(Url::parse(text), ClientError) << text;
}

// THREATS class 27: nothing that stands in an error message may be a secret.
TEST(Url, RefusesPasswordsWithoutQuotingThem) {
    try {
        Url::parse("http://user:s3cret@host/");
        FAIL();
    } catch (const ClientError& error) {
        EXPECT_EQ(std::string(error.what()).find("s3cret"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace junctor
