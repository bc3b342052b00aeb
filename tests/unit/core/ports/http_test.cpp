#include "core/ports/http.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(PercentCodec, DecodesEscapesOfBothCases) { EXPECT_EQ(percent_decode("a%2Fb%2f%00c"), std::string("a/b/\0c", 6)); }

TEST(PercentCodec, LeavesPlusAlone) { EXPECT_EQ(percent_decode("a/+"), "a/+"); }

TEST(PercentCodec, RefusesBrokenEscapes) {
    for (const char* broken : {"%", "%2", "a%zz", "%%41"}) EXPECT_FALSE(percent_decode(broken)) << broken;
}

TEST(PercentCodec, EveryByteSurvivesTheRoundTrip) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(PercentCodec, KeepsWhatTheCallerAsksFor) { EXPECT_EQ(percent_encode("a/b c", "/"), "a/b%20c"); }

TEST(HttpRequest, FindsHeadersWithoutCase) {
    HttpRequest request;
    request.headers = {{"Content-Type", "text/plain"}, {"content-type", "second"}};
    EXPECT_EQ(request.header("CONTENT-TYPE"), "text/plain");
    EXPECT_EQ(request.header("Content-Typ"), "");
}

TEST(HttpRequest, FindsAndDecodesParameters) {
    HttpRequest request;
    request.query = "qos=1&retain&name=a%26b&name=c";
    EXPECT_EQ(request.parameter("qos"), "1");
    EXPECT_EQ(request.parameter("retain"), "");
    EXPECT_EQ(request.parameter("name"), "a&b");
    EXPECT_FALSE(request.parameter("q"));
}

TEST(HttpResponse, EveryStatusThatIsAnsweredHasItsTitle) {
    for (const unsigned status : {400U, 401U, 403U, 404U, 405U, 406U, 408U, 409U, 410U, 413U, 414U, 415U, 417U, 421U, 426U, 429U, 431U, 500U, 501U, 503U, 504U, 505U})
        EXPECT_EQ(as_text(HttpResponse::problem(status, "code", "").body).find(R"("title":"Error")"), std::string_view::npos) << status;
}

TEST(HttpResponse, ProblemEscapesItsDetail) {
    const HttpResponse problem = HttpResponse::problem(404, "no_message", "a \"quoted\"\nline");
    EXPECT_EQ(as_text(problem.body), "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"code\":\"no_message\","
                                     "\"detail\":\"a \\\"quoted\\\"\\u000Aline\"}\n");
    EXPECT_EQ(problem.headers.at(0).value, "application/problem+json");
}

}  // namespace
}  // namespace junctor
