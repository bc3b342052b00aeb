#include "core/base/setup_error.hpp"
#include "tests/unit/policy/authorizers/callout_fixture.hpp"

namespace junctor {
namespace {

class AuthzenAuthorizerTest : public CalloutTest {
protected:
    AuthzenAuthorizerTest() : CalloutTest("authzen") { make(); }

    void ask_together(std::initializer_list<const char*> objects, CoreId core = {}) {
        const PrincipalRef who = principal;
        for (const char* object : objects)
            authorizer->authorize({who, Verb::subscribe, object, "", "mqtt", core}, [this](Verdict verdict) { verdicts.push_back(std::move(verdict)); });
    }
};

const std::string who = R"("subject":{"type":"user","id":"ada","properties":{"tenant":"","groups":["staff","night \"shift\""],"attributes":{"team":"blue"}}})";

TEST_F(AuthzenAuthorizerTest, AsksOneQuestionAsAnEvaluation) {
    ask();
    ASSERT_EQ(outbound.sent.size(), 1U);
    EXPECT_EQ(outbound.sent.front().request.url.path, "/base/access/v1/evaluation");
    EXPECT_EQ(outbound.sent.front().body(), "{" + who + R"(,"action":{"name":"publish"},"resource":{"type":"topic","id":"a/b"},)"
                                                        R"("context":{"session":"phone","protocol":"mqtt"}})");
}

TEST_F(AuthzenAuthorizerTest, AsksWhereTheDecisionPointSays) {
    make("access_evaluation_endpoint: 'https://policy.example:8181/', access_evaluations_endpoint: 'https://other.example/many?v=1'");
    ask();
    EXPECT_EQ(outbound.sent.back().request.url.origin(), "https://policy.example:8181");
    EXPECT_EQ(outbound.sent.back().request.url.path, "/");
    ask_together({"a", "b"});
    run_posted();
    EXPECT_EQ(outbound.sent.back().request.url.origin(), "https://other.example:443");
    EXPECT_EQ(outbound.sent.back().request.url.path, "/many?v=1");
    EXPECT_TRUE(outbound.sent.back().request.configured);
}

TEST_F(AuthzenAuthorizerTest, AnEndpointIsNoLessSafeThanItsUrl) {
    EXPECT_THROW(make("access_evaluation_endpoint: 'http://policy.example/'"), SetupError);
    EXPECT_THROW(make("access_evaluations_endpoint: 'ws://policy.example/'"), SetupError);
    EXPECT_THROW(make("access_evaluations_endpoint: '/path'"), SetupError);
}

TEST_F(AuthzenAuthorizerTest, NamesWhatEachVerbIsAbout) {
    ask(Verb::subscribe, "a/#");
    EXPECT_NE(outbound.sent.back().body().find(R"("resource":{"type":"filter","id":"a/#"})"), std::string::npos);
    ask(Verb::connect, "");
    EXPECT_NE(outbound.sent.back().body().find(R"("resource":{"type":"gateway","id":"junctor"})"), std::string::npos);
}

TEST_F(AuthzenAuthorizerTest, AsksTogetherWhatComesTogether) {
    ask_together({"a", "b", "c"});
    EXPECT_TRUE(outbound.sent.empty());
    run_posted();
    ASSERT_EQ(outbound.sent.size(), 1U);
    EXPECT_EQ(outbound.sent.front().request.url.path, "/base/access/v1/evaluations");
    EXPECT_EQ(outbound.sent.front().body().substr(0, 17), R"({"evaluations":[{)");
    outbound.answer(200, R"({"evaluations":[{"decision":true},{"decision":false,"context":{"reason":"not b"}},{"decision":true,"context":{"ttl":1}}]})");
    ASSERT_EQ(verdicts.size(), 3U);
    EXPECT_EQ(verdicts[0].outcome, Outcome::allow);
    EXPECT_EQ(verdicts[1].outcome, Outcome::deny);
    EXPECT_EQ(verdicts[1].reason, "not b");
    EXPECT_EQ(verdicts[2].valid_for, 1s);
}

TEST_F(AuthzenAuthorizerTest, ABatchIsBoundedAndOfOneCore) {
    make("batch: 2");
    ask_together({"a", "b", "c"});
    EXPECT_EQ(outbound.sent.size(), 1U) << "full";
    ask_together({"d"}, CoreId{1});
    run_posted();
    ASSERT_EQ(outbound.sent.size(), 3U);
    EXPECT_EQ(outbound.sent[2].home, CoreId{1});
    make("batch: 1");
    ask_together({"x", "y"});
    EXPECT_EQ(outbound.sent.size(), 5U);
}

TEST_F(AuthzenAuthorizerTest, ABatchWithAHoleIsNoAnswerToAnybody) {
    for (const char* body : {R"({"evaluations":[{"decision":true}]})", R"({"evaluations":[{"decision":true},{}]})", R"({"decision":true})",
                             R"({"evaluations":[{"decision":true},{"decision":true},{"decision":true}]})", R"({"evaluations":{}})", "[]"}) {
        verdicts.clear();
        ask_together({"a", "b"});
        run_posted();
        outbound.answer(200, body);
        ASSERT_EQ(verdicts.size(), 2U);
        for (const Verdict& each : verdicts) EXPECT_EQ(each.outcome, Outcome::deny) << body;
    }
}

TEST_F(AuthzenAuthorizerTest, TakesDecisions) {
    EXPECT_EQ(judged(200, R"({"decision":true})").outcome, Outcome::allow);
    EXPECT_EQ(judged(200, R"({"decision":false})").outcome, Outcome::deny);
    EXPECT_EQ(judged(200, R"({"decision":false,"context":{"id":"0","reason_admin":{"en":"policy C076E82F"},"reason_user":{"en-403":"Insufficient privileges"}}})").reason,
              "Insufficient privileges");
    EXPECT_EQ(judged(200, R"({"decision":false,"context":{"reason_user":"plain"}})").reason, "plain");
    EXPECT_EQ(judged(200, R"({"decision":true,"context":null})").outcome, Outcome::allow);
}

TEST_F(AuthzenAuthorizerTest, AnythingElseIsNoAnswer) {
    for (const char* body : {"", "true", "[]", "{}", R"({"decision":"true"})", R"({"decision":1})", R"({"Decision":true})", R"({"decision":null})"})
        EXPECT_TRUE(is_no_answer(200, body)) << body;
    for (const unsigned status : {201U, 204U, 400U, 401U, 403U, 500U}) EXPECT_TRUE(is_no_answer(status, R"({"decision":true})")) << status;
}

}  // namespace
}  // namespace junctor
