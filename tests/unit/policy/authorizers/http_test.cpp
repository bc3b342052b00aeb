#include "tests/unit/policy/authorizers/callout_fixture.hpp"

#include "core/base/setup_error.hpp"

namespace junctor {
namespace {

class HttpAuthorizerTest : public CalloutTest {
protected:
    HttpAuthorizerTest() : CalloutTest("http") { make(); }
};

TEST_F(HttpAuthorizerTest, AsksInJson) {
    ask();
    ASSERT_EQ(outbound.sent.size(), 1U);
    const auto& sent = outbound.sent.front();
    EXPECT_EQ(sent.home, CoreId{2});
    EXPECT_EQ(sent.request.method, "POST");
    EXPECT_EQ(sent.request.url.origin() + sent.request.url.path, "https://policy.example:443/base");
    EXPECT_TRUE(sent.request.configured);
    EXPECT_EQ(sent.request.timeout, 1s);
    EXPECT_EQ(sent.header("Content-Type"), "application/json");
    EXPECT_EQ(sent.body(), R"({"verb":"publish","object":"a/b","user":"ada","tenant":"","groups":["staff","night \"shift\""],)"
                           R"("attributes":{"team":"blue"},"session":"phone","protocol":"mqtt"})");
}

TEST_F(HttpAuthorizerTest, AsksAsAForm) {
    make("form: form, method: PUT, authorization: 'Bearer 123'");
    ask(Verb::subscribe, "a/#&x=1");
    EXPECT_EQ(outbound.sent.front().request.method, "PUT");
    EXPECT_EQ(outbound.sent.front().header("Authorization"), "Bearer 123");
    EXPECT_EQ(outbound.sent.front().header("Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(outbound.sent.front().body(),
              "verb=subscribe&object=a%2F%23%26x%3D1&user=ada&tenant=&groups=staff%2Cnight%20%22shift%22&session=phone&protocol=mqtt&attribute.team=blue");
}

TEST_F(HttpAuthorizerTest, AsksInTheQuery) {
    make("method: GET");
    ask();
    EXPECT_EQ(outbound.sent.front().request.url.path.substr(0, 26), "/base?verb=publish&object=");
    EXPECT_TRUE(outbound.sent.front().body().empty());
}

TEST_F(HttpAuthorizerTest, TheStatusDecidesWhereTheBodySaysNothing) {
    EXPECT_EQ(judged(200, "").outcome, Outcome::allow);
    EXPECT_EQ(judged(204, "").outcome, Outcome::allow);
    EXPECT_EQ(judged(403, "").outcome, Outcome::deny);
    EXPECT_EQ(judged(401, "<html>").outcome, Outcome::deny);
    EXPECT_EQ(judged(403, R"({"reason":"not on sundays"})").reason, "the policy does not allow this") << "no decision, no reason";
    EXPECT_EQ(judged(403, R"({"allow":true,"reason":"not on sundays"})").outcome, Outcome::deny) << "the stricter one counts";
}

TEST_F(HttpAuthorizerTest, TheBodyDecides) {
    EXPECT_EQ(judged(200, R"({"decision":true})").outcome, Outcome::allow);
    EXPECT_EQ(judged(200, R"({"allow":false,"reason":"no"})").outcome, Outcome::deny);
    EXPECT_EQ(judged(200, R"({"allow":false,"reason":"no"})").reason, "no");
    EXPECT_EQ(judged(200, R"({"result":"deny"})").outcome, Outcome::deny);
    EXPECT_EQ(judged(200, R"({"decision":"abstain"})").outcome, Outcome::abstain);
    EXPECT_EQ(judged(200, "allow").outcome, Outcome::allow);
    EXPECT_EQ(judged(200, "ALLOW administrator management\n").outcome, Outcome::allow);
    EXPECT_EQ(judged(200, "deny you are too late").outcome, Outcome::deny);
    EXPECT_EQ(judged(200, "deny you are too late").reason, "you are too late");
    EXPECT_EQ(judged(200, "abstain").outcome, Outcome::abstain);
}

TEST_F(HttpAuthorizerTest, AnythingElseIsNoAnswer) {
    for (const char* body : {"allowed", "yes", "true", "<html>allow</html>", "{\"allow\":1}", "{\"allow\":\"maybe\"}", "[]", "[true]", "{}", "{\"allow\":true",
                             "{\"decision\":null}", "\x01", "null", "\"allow\""})
        EXPECT_TRUE(is_no_answer(200, body)) << body;
    for (const unsigned status : {100U, 301U, 302U, 400U, 404U, 429U, 500U, 503U}) EXPECT_TRUE(is_no_answer(status, R"({"allow":true})")) << status;
    EXPECT_TRUE(is_no_answer(200, std::string(1'000'000, '['))) << "however deep";
    EXPECT_EQ(metric_total("junctor_authorizer_failures_total", {&lone.metrics}), 23);
}

TEST_F(HttpAuthorizerTest, TellsTheCircuitBreakerWhatIsNoVerdict) {
    ask();
    const OutboundRequest::Sense& sense = outbound.sent.front().request.makes_sense;
    for (const char* body : {"<html>", "{}", "[]", "{\"allow\":1}"}) EXPECT_FALSE(sense(HttpResponse(200, "text/plain", body))) << body;
    EXPECT_FALSE(sense(HttpResponse(302, "text/plain", "")));
    for (const char* body : {"", "deny", "{\"allow\":false}"}) EXPECT_TRUE(sense(HttpResponse(200, "text/plain", body))) << body;
}

TEST_F(HttpAuthorizerTest, SaysHowLongItsWordCounts) {
    EXPECT_EQ(judged(200, "").valid_for, 60s);
    EXPECT_EQ(judged(403, "").valid_for, 5s);
    EXPECT_EQ(judged(200, R"({"allow":true,"ttl":2.5})").valid_for, 2500ms);
    EXPECT_EQ(judged(200, R"({"allow":true,"ttl":0})").valid_for, 0s);
    EXPECT_EQ(judged(200, R"({"allow":true,"ttl":1e300})").valid_for, 10min);
    EXPECT_EQ(judged(200, R"({"allow":true,"ttl":-1})").valid_for, 60s);
    EXPECT_EQ(judged(200, R"({"allow":true,"ttl":"soon"})").valid_for, 60s);
    make("allow_ttl: 1h, deny_ttl: 1m, max_ttl: 30s");
    EXPECT_EQ(judged(200, "").valid_for, 30s);
    EXPECT_EQ(judged(403, "").valid_for, 30s);
}

TEST_F(HttpAuthorizerTest, WithoutAnAnswerWhatIsConfiguredCountsAndIsCounted) {
    using Failure = OutboundFailure;
    const auto failed = [this](Failure failure) {
        verdicts.clear();
        ask();
        outbound.fail(failure);
        return verdicts.at(0);
    };
    for (const Failure failure : {Failure::timed_out, Failure::circuit_open, Failure::malformed, Failure::stopped}) {
        EXPECT_EQ(failed(failure).outcome, Outcome::deny);
        EXPECT_EQ(failed(failure).valid_for, 0s) << "who comes next asks again";
    }
    make("on_failure: allow");
    EXPECT_EQ(failed(Failure::timed_out).outcome, Outcome::allow);
    make("on_failure: abstain");
    EXPECT_EQ(failed(Failure::timed_out).outcome, Outcome::abstain);
    EXPECT_EQ(judged(500, "").outcome, Outcome::abstain);
    const auto failures = [this](const char* verdict) {
        return lone.metrics.read(counter("junctor_authorizer_failures_total", "", {{"authorizer", "service"}, {"verdict", verdict}}).cell);
    };
    EXPECT_EQ(failures("deny"), 8);
    EXPECT_EQ(failures("allow"), 1);
    EXPECT_EQ(failures("abstain"), 2);
}

TEST_F(HttpAuthorizerTest, IsNotAskedAboutWhatItIsNotConfiguredFor) {
    const PrincipalRef who = principal;
    const auto cached = [&](Verb verb) { return authorizer->cached({who, verb, "a", "", "mqtt", CoreId{}}); };
    EXPECT_EQ(cached(Verb::publish), std::nullopt);
    EXPECT_EQ(cached(Verb::receive), Outcome::allow) << "follows the subscribe";
    EXPECT_EQ(cached(Verb::presence), Outcome::allow);
    make("verbs: [publish]");
    EXPECT_EQ(cached(Verb::publish), std::nullopt);
    EXPECT_EQ(cached(Verb::connect), Outcome::abstain);
    EXPECT_EQ(cached(Verb::receive), Outcome::abstain);
    EXPECT_FALSE(authorizer->judges_deliveries());
    make("verbs: [receive]");
    EXPECT_EQ(cached(Verb::receive), std::nullopt) << "each topic that is delivered";
    EXPECT_EQ(cached(Verb::presence), Outcome::abstain);
    EXPECT_TRUE(authorizer->judges_deliveries());
}

// THREATS class 18: what reaches the client is one line.
TEST_F(HttpAuthorizerTest, ReasonsAreOneShortLine) {
    EXPECT_EQ(judged(200, R"({"allow":false,"reason":"a\r\nb\u0000c"})").reason, "a  b c");
    EXPECT_LE(judged(200, R"({"allow":false,"reason":")" + std::string(10'000, 'x') + "\"}").reason.size(), 200U);
}

TEST_F(HttpAuthorizerTest, RefusesBadConfigurations) {
    EXPECT_THROW(make("url: 'ftp://a'"), std::exception);
    EXPECT_THROW(make("verbs: [shout]"), SetupError);
    make("ca_file: /dev/null");
    EXPECT_EQ(outbound.trusted.back(), (OutboundTls{"/dev/null", "", ""}));
}

}  // namespace
}  // namespace junctor
