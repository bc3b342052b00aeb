#include "connectors/rest/session_end.hpp"

#include "tests/unit/connectors/rest/rest_fixture.hpp"

namespace junctor::rest {
namespace {

using RestSessionEnd = RestFixture;

TEST_F(RestSessionEnd, TakesTheSessionOverAndLetsItEnd) {
    gate.found.resumed = true;
    EXPECT_EQ(status_line(ask("DELETE", "/v1/sessions/desk")), "HTTP/1.1 204 No Content");
    EXPECT_EQ(gate.name, "desk");
    EXPECT_FALSE(gate.terms.durable());
    EXPECT_FALSE(gate.terms.clean_start);
    EXPECT_EQ(gate.closed, std::vector<CloseReason>{CloseReason::normal});
}

TEST_F(RestSessionEnd, ThereMayBeNone) {
    EXPECT_EQ(status_line(ask("DELETE", "/v1/sessions/desk")), "HTTP/1.1 404 Not Found");
    EXPECT_TRUE(gate.opened.empty());
}

TEST_F(RestSessionEnd, AnothersIsNotTaken) {
    gate.open_code = Errc::denied;
    EXPECT_EQ(status_line(ask("DELETE", "/v1/sessions/desk")), "HTTP/1.1 403 Forbidden");
}

TEST_F(RestSessionEnd, ANameIsOneLevel) { EXPECT_EQ(status_line(ask("DELETE", "/v1/sessions/a/b")), "HTTP/1.1 400 Bad Request"); }

}  // namespace
}  // namespace junctor::rest
