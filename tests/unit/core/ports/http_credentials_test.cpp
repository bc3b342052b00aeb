#include "core/ports/http_credentials.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

HttpRequest request(std::vector<Header> headers) {
    HttpRequest made;
    made.headers = std::move(headers);
    made.peer.address = "127.0.0.1:4";
    made.peer.loopback = true;
    made.peer.certificate_subject = "CN=x";
    made.peer.certificate_names = {"DNS:x"};
    return made;
}

TEST(HttpCredentials, TellThePeerAndItsCertificate) {
    Credentials shown;
    ASSERT_TRUE(read_http_credentials(request({}), "", shown));
    EXPECT_EQ(shown.peer, "127.0.0.1:4");
    EXPECT_TRUE(shown.loopback);
    EXPECT_EQ(shown.certificate_subject, "CN=x");
    EXPECT_EQ(shown.certificate_names, std::vector<std::string>{"DNS:x"});
    EXPECT_FALSE(shown.has_password);
    EXPECT_TRUE(shows_any(shown));
    EXPECT_FALSE(shows_any({}));
}

TEST(HttpCredentials, ReadBasicAndBearer) {
    Credentials basic;
    ASSERT_TRUE(read_http_credentials(request({{"authorization", "basic dXNlcjpwYTpzcw=="}}), "", basic));
    EXPECT_EQ(basic.user, "user");
    EXPECT_EQ(basic.password, "pa:ss");
    EXPECT_TRUE(basic.has_password);
    Credentials empty;
    ASSERT_TRUE(read_http_credentials(request({{"Authorization", "Basic dXNlcjo="}}), "", empty));
    EXPECT_TRUE(empty.has_password) << "an empty password is one that is shown";
    Credentials bearer;
    ASSERT_TRUE(read_http_credentials(request({{"Authorization", "bEARER  t.o.k"}}), "", bearer));
    EXPECT_EQ(bearer.bearer, "t.o.k");
}

/// THREATS 10: what cannot be read is not taken for nothing.
TEST(HttpCredentials, RefuseWhatCannotBeRead) {
    for (const char* text : {"", "Digest x", "Basic", "Basic ", "Basic !", "Basic dQ==", "Bearer", "Bearer ", "Basi dTpw", "x"}) {
        Credentials shown;
        EXPECT_FALSE(read_http_credentials(request({{"Authorization", text}}), "", shown)) << text;
    }
    Credentials twice;
    EXPECT_FALSE(read_http_credentials(request({{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}), "", twice));
}

std::string cookie_of(std::vector<Header> headers, std::string_view name = "token") {
    Credentials shown;
    EXPECT_TRUE(read_http_credentials(request(std::move(headers)), name, shown));
    return shown.bearer;
}

/// THREATS 21: no cookie of a page that does not say who it is, and none at all unless configured.
TEST(HttpCredentials, TakeACookieOnlyFromAPageThatIsKnown) {
    const Header cookie{"Cookie", "a=1; token=t.o.k; b=2"};
    EXPECT_EQ(cookie_of({cookie}), "");
    EXPECT_EQ(cookie_of({cookie, {"Origin", "http://here"}}), "t.o.k");
    EXPECT_EQ(cookie_of({cookie, {"Sec-Fetch-Site", "same-origin"}}), "t.o.k");
    for (const char* site : {"cross-site", "same-site", "none"}) EXPECT_EQ(cookie_of({cookie, {"Sec-Fetch-Site", site}}), "") << site;
    EXPECT_EQ(cookie_of({cookie, {"Origin", "http://here"}}, ""), "");
    EXPECT_EQ(cookie_of({cookie, {"Origin", "http://here"}}, "tok"), "");
    EXPECT_EQ(cookie_of({{"Cookie", "token=a; token=b"}, {"Origin", "http://here"}}), "") << "which of them?";
    EXPECT_EQ(cookie_of({cookie, {"Origin", "http://here"}, {"Authorization", "Bearer other"}}), "other");
}

}  // namespace
}  // namespace junctor
