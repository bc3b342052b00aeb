#include "tests/unit/connectors/rest/rest_fixture.hpp"

namespace junctor::rest {
namespace {

using namespace std::chrono_literals;

using RestRead = RestFixture;

TEST_F(RestRead, OneTopicIsItsBarePayload) {
    Extras extras;
    extras.content_type = "image/png";
    gate.kept = {message("a/b", std::string("\0\xff", 2), extras)};
    const std::string answer = ask("GET", "/v1/topics/a/b");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
    EXPECT_NE(answer.find("Content-Type: image/png\r\n"), std::string::npos);
    EXPECT_EQ(body_of(answer), std::string("\0\xff", 2));
}

TEST_F(RestRead, NothingRetainedSaysWhatToDo) {
    const std::string answer = ask("GET", "/v1/topics/a/b");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 404 Not Found");
    EXPECT_NE(answer.find("?retain=1"), std::string::npos);
    EXPECT_NE(answer.find("?wait=30s"), std::string::npos);
}

TEST_F(RestRead, WildcardIsAnArrayOfMessages) {
    gate.kept = {message("a/1", "one"), message("a/2", "\xff"), message("b", "other")};
    EXPECT_EQ(body_of(ask("GET", "/v1/topics/a/+")),
              "[{\"op\":\"message\",\"retain\":true,\"topic\":\"a/1\",\"data\":\"one\"},\n"
              "{\"op\":\"message\",\"retain\":true,\"topic\":\"a/2\",\"data_base64\":\"/w==\"}]\n");
    EXPECT_EQ(body_of(ask("GET", "/v1/topics/c/%23")), "[]\n");
}

TEST_F(RestRead, BadFiltersAreRefused) {
    for (const char* target : {"/v1/topics/a+", "/v1/topics/%23/a", "/v1/topics/", "/v1/topics/a?wait=soon", "/v1/topics/a?wat=1s"})
        EXPECT_EQ(status_line(ask("GET", target)), "HTTP/1.1 400 Bad Request") << target;
}

TEST_F(RestRead, DeniedReadsAreForbidden) {
    gate.retained_code = Errc::denied;
    EXPECT_EQ(status_line(ask("GET", "/v1/topics/a")), "HTTP/1.1 403 Forbidden");
    gate.retained_code = Errc::ok;
    gate.subscribe_code = Errc::denied;
    EXPECT_EQ(status_line(ask("GET", "/v1/topics/a?wait=1s")), "HTTP/1.1 403 Forbidden");
    EXPECT_EQ(status_line(ask("GET", "/v1/topics/a", "", "Accept: text/event-stream\r\n")), "HTTP/1.1 403 Forbidden");
    EXPECT_EQ(gate.opened.size(), 1U) << "only the shared session is left";
}

}  // namespace
}  // namespace junctor::rest
