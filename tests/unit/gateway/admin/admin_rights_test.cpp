// Who may administer, and what of the gateway he sees: threat class 28, and the walls of tenants.

#include <gmock/gmock.h>

#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AdminRights : public test::ApplicationFixture {
protected:
    /// Clients come in by the authenticators `clients`, callers of the admin API by `callers`.
    void run_with(const std::string& clients, const std::string& callers, const std::string& authorizer = "{type: allow_all}") {
        run("cores: 2\n"
            "admin: {address: \"127.0.0.1:0\", authenticators: " + callers + "}\n"
            "connectors: [{type: mqtt, address: \"127.0.0.2:0\", authenticators: " + clients + "}]\n"
            "policy:\n"
            "  tenants: [{name: acme}, {name: other}]\n"
            "  authenticators: [{type: anonymous, name: common}, {type: anonymous, name: acme, tenant: acme}, {type: anonymous, name: other, tenant: other}]\n"
            "  authorizers: [" + authorizer + "]\n");
    }
};

TEST_F(AdminRights, AnOperatorSeesEverybodyAndWhoBelongsWhere) {
    run_with("[acme]", "[common]");
    ASSERT_EQ(mqtt_connect(), 0);
    EXPECT_THAT(get(admin, "/v1/sessions"), HasSubstr("\"tenant\":\"acme\""));
    EXPECT_THAT(get(admin, "/metrics"), StartsWith("HTTP/1.1 200"));
}

TEST_F(AdminRights, ATenantSeesItsSessionsAloneAndNothingOfTheGateway) {
    run_with("[acme]", "[other]");
    ASSERT_EQ(mqtt_connect(), 0);
    EXPECT_THAT(get(admin, "/v1/sessions"), HasSubstr("{\"sessions\":[]}"));
    for (const char* path : {"/", "/metrics", "/v1/connectors"}) EXPECT_THAT(get(admin, path), StartsWith("HTTP/1.1 403")) << path;
    EXPECT_THAT(get(admin, "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(AdminRights, ItsOwnSessionsItSees) {
    run_with("[acme]", "[acme]");
    ASSERT_EQ(mqtt_connect(), 0);
    EXPECT_THAT(get(admin, "/v1/sessions"), HasSubstr("\"protocol\":\"mqtt\""));
}

TEST_F(AdminRights, WhoMayConnectMayNotAdministerForThat) {
    run_with("[common]", "[common]", "{type: acl, rules: [{allow: [connect, publish, subscribe]}]}");
    ASSERT_EQ(mqtt_connect(), 0);
    for (const char* path : {"/", "/metrics", "/v1/connectors", "/v1/sessions", "/v1/explain?session=1&verb=connect"})
        EXPECT_THAT(get(admin, path), StartsWith("HTTP/1.1 403")) << path;
}

TEST_F(AdminRights, WhoIsNobodyIsAskedWhoHeIs) {
    run_with("[common]", "[]");
    EXPECT_THAT(get(admin, "/v1/sessions"), StartsWith("HTTP/1.1 401"));
}

TEST_F(AdminRights, ExplainsALiveSession) {
    run_with("[common]", "[common]", "{type: acl, rules: [{allow: [connect, admin]}, {name: plant, allow: [publish], topics: [plant/#]}]}");
    ASSERT_EQ(mqtt_connect(), 0);
    const std::string listed = get(admin, "/v1/sessions");
    const std::size_t id = listed.find("\"id\":\"") + 6;
    const std::string ask = "/v1/explain?session=" + listed.substr(id, listed.find('"', id) - id) + "&verb=publish&topic=";
    EXPECT_THAT(get(admin, ask + "plant/x"), HasSubstr("\"rule\": \"plant\""));
    EXPECT_THAT(get(admin, ask + "other"), HasSubstr("its topics do not cover it"));
    EXPECT_THAT(get(admin, ask + "a/%23"), StartsWith("HTTP/1.1 200")) << "a filter, which no publish may be about";
    EXPECT_THAT(get(admin, ask), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(get(admin, "/v1/explain?session=ff00000000000001&verb=publish&topic=a"), StartsWith("HTTP/1.1 404"));
    EXPECT_THAT(get(admin, "/v1/explain?session=1&verb=pubish&topic=a"), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(get(admin, "/v1/explain?session=x&verb=publish&topic=a"), StartsWith("HTTP/1.1 400"));
}

}  // namespace
}  // namespace junctor
