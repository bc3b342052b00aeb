#include "tests/unit/policy/authorizers/callout_fixture.hpp"

#include "core/base/setup_error.hpp"

namespace junctor {
namespace {

class OpaAuthorizerTest : public CalloutTest {
protected:
    OpaAuthorizerTest() : CalloutTest("opa") { make("path: junctor/allow"); }
};

TEST_F(OpaAuthorizerTest, AsksTheDataApi) {
    ask(Verb::subscribe, "a/#");
    EXPECT_EQ(outbound.sent.front().request.method, "POST");
    EXPECT_EQ(outbound.sent.front().request.url.path, "/base/v1/data/junctor/allow");
    EXPECT_EQ(outbound.sent.front().body(), R"({"input":{"verb":"subscribe","object":"a/#","principal":{"name":"ada","tenant":"",)"
                                            R"("groups":["staff","night \"shift\""],"attributes":{"team":"blue"}},"session":"phone","protocol":"mqtt"}})");
}

TEST_F(OpaAuthorizerTest, TakesResults) {
    EXPECT_EQ(judged(200, R"({"result":true})").outcome, Outcome::allow);
    EXPECT_EQ(judged(200, R"({"result":false})").outcome, Outcome::deny);
    EXPECT_EQ(judged(200, R"({"decision_id":"x","result":{"allow":true,"ttl":3}})").valid_for, 3s);
    EXPECT_EQ(judged(200, R"({"result":{"allow":false,"reason":"no"}})").reason, "no");
    EXPECT_EQ(judged(200, "{}").outcome, Outcome::deny) << "no rule";
    EXPECT_EQ(judged(200, "{}").valid_for, 5s);
    EXPECT_EQ(judged(200, R"({"result":{"other":1}})").outcome, Outcome::deny) << "a package without a default";
}

TEST_F(OpaAuthorizerTest, AnythingElseIsNoAnswer) {
    for (const char* body : {"", "true", "[]", R"({"result":"true"})", R"({"result":1})", R"({"result":null})", R"({"result":[]})",
                             R"({"result":{"allow":"true"}})", R"({"result":{"allow":{}}})"})
        EXPECT_TRUE(is_no_answer(200, body)) << body;
    EXPECT_TRUE(is_no_answer(500, R"({"result":true})"));
    EXPECT_TRUE(is_no_answer(404, R"({"result":true})"));
}

TEST_F(OpaAuthorizerTest, RefusesPathsThatLeadNowhere) {
    EXPECT_THROW(make("path: '/junctor'"), SetupError);
    EXPECT_THROW(make("path: 'a//b'"), SetupError);
    EXPECT_THROW(make(), std::exception) << "it is required";
    make("path: 'a b/c?d'");
    ask();
    EXPECT_EQ(outbound.sent.back().request.url.path, "/base/v1/data/a%20b/c%3Fd");
}

}  // namespace
}  // namespace junctor
