#include "policy/tokens/introspection_service.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "policy/tokens/token_errc.hpp"
#include "tests/support/fake_outbound.hpp"
#include "tests/support/lent_parts.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class IntrospectionServiceTest : public ::testing::Test {
protected:
    IntrospectionServiceTest() {
        lent.parts.outbound = &outbound;
        settings.request.url = Url::parse("https://issuer.example/introspect");
        settings.rules.types = {""};
        settings.rules.must_expire = false;
        settings.remember = 30s;
        settings.revoked_within = 10s;
    }
    ~IntrospectionServiceTest() override {
        retire();
        service.reset();
        lent.run_posted();
    }

    IntrospectionService& made() {
        if (!service) service = std::make_shared<IntrospectionService>(settings, lent.parts);
        return *service;
    }
    void retire() {
        if (service) service->retire();
        lent.run_posted();
    }
    std::unique_ptr<Inquiry> ask(std::string_view token) {
        return made().ask(CoreId{0}, token, [this](const CredentialAnswer& answer) { answers.push_back(answer); });
    }
    std::int64_t in(std::chrono::seconds time) const {
        return std::chrono::duration_cast<std::chrono::seconds>(lent.lone.clock.wall().time_since_epoch() + time).count();
    }
    static std::string active(json more = json::object()) {
        json said{{"active", true}, {"sub", "alice"}};
        said.update(more);
        return said.dump();
    }
    /// Let in with a token.
    PrincipalRef admitted(std::string_view token, const json& more = json::object()) {
        const auto waiting = ask(token);
        outbound.answer(200, active(more));
        return answers.back().principal;
    }

    test::LentParts lent{"provider"};
    test::FakeOutbound outbound;
    IntrospectionService::Settings settings;
    std::shared_ptr<IntrospectionService> service;
    std::vector<CredentialAnswer> answers;
};

TEST_F(IntrospectionServiceTest, AsksTheProvider) {
    const auto waiting = ask("to/ken +1");
    EXPECT_EQ(outbound.last_body(), "token=to%2Fken%20%2B1&token_type_hint=access_token");
    outbound.answer(200, active({{"exp", in(5min)}}));
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].principal->name, "alice");
    EXPECT_EQ(answers[0].principal->expires_at, lent.lone.clock.wall() + 5min + 60s);
}

TEST_F(IntrospectionServiceTest, RemembersByDigestAndNotBeyondTheTokensEnd) {
    admitted("one", {{"exp", in(-50s)}});  // ends in 10 s, with the skew
    EXPECT_EQ(ask("one"), nullptr);
    EXPECT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].principal, answers[1].principal);
    lent.lone.advance(10s);
    const auto again = ask("one");
    EXPECT_NE(again, nullptr);
    outbound.answer(200, active());
    lent.lone.advance(30s - 1ms);
    EXPECT_EQ(ask("one"), nullptr);
    lent.lone.advance(1ms);
    EXPECT_NE(ask("one"), nullptr);
}

TEST_F(IntrospectionServiceTest, WhoAsksMeanwhileWaitsForTheSameAnswer) {
    std::vector<std::unique_ptr<Inquiry>> waiting;
    for (int i = 0; i < 100; ++i) waiting.push_back(ask("one"));
    waiting.push_back(ask("two"));
    EXPECT_EQ(outbound.all.size(), 2u);
    waiting[0].reset();
    outbound.answer(200, active());
    EXPECT_EQ(answers.size(), 99u) << "who gave up hears nothing";
}

TEST_F(IntrospectionServiceTest, ARefusalIsRememberedBriefly) {
    for (const char* said : {R"({"active":false})", R"({"active":"true"})", R"({"active":1})", R"({})", R"({"sub":"alice"})"}) {
        const auto waiting = ask(said);
        outbound.answer(200, said);
        EXPECT_EQ(answers.back().principal, nullptr) << said;
        EXPECT_EQ(answers.back().why, TokenErrc::inactive) << said;
        EXPECT_EQ(ask(said), nullptr) << said;
    }
    lent.lone.advance(5s);
    EXPECT_NE(ask(R"({})"), nullptr);
}

TEST_F(IntrospectionServiceTest, NoAnswerIsNoEntry) {
    for (const auto& [status, body] : std::vector<std::pair<unsigned, std::string>>{{500, active()}, {401, ""}, {302, active()}, {200, ""}, {200, "[]"}, {200, R"({"active":false,"active":true})"}}) {
        const auto waiting = ask(body);
        outbound.answer(status, body);
        EXPECT_EQ(answers.back().principal, nullptr) << status << body;
        EXPECT_FALSE(answers.back().known()) << status << body;
        EXPECT_NE(ask(body), nullptr) << "and is not remembered";
        outbound.fail();
    }
    const auto waiting = ask("x");
    outbound.fail();
    EXPECT_FALSE(answers.back().known());
}

TEST_F(IntrospectionServiceTest, WhatItSaysMustBeWhatIsWanted) {
    settings.rules.issuer = "https://issuer.example";
    settings.rules.audiences = {"junctor"};
    settings.rules.required = {{"scope", "mqtt"}};
    const json good{{"iss", "https://issuer.example"}, {"aud", "junctor"}, {"scope", "mqtt"}};
    EXPECT_NE(admitted("good", good), nullptr);
    for (const auto& [name, value] : std::vector<std::pair<const char*, json>>{{"iss", "https://other.example"}, {"aud", "other"}, {"scope", "email"}, {"exp", in(-61s)}, {"nbf", in(61s)}, {"sub", ""}}) {
        json wrong = good;
        wrong[name] = value;
        EXPECT_EQ(admitted(name, wrong), nullptr) << wrong;
    }
}

TEST_F(IntrospectionServiceTest, ASessionOfARevokedTokenEndsInTime) {
    const PrincipalRef principal = admitted("one");
    ASSERT_NE(principal->vouching, nullptr);
    EXPECT_EQ(principal->vouching->interval(), 5s) << "half of the time for the answer, half until the next question";
    std::vector<bool> said;
    const auto check = [&] { return principal->vouching->ask(CoreId{0}, [&](bool holds) { said.push_back(holds); }); };
    lent.lone.advance(5s);
    EXPECT_EQ(check(), nullptr) << "somebody asked five seconds ago";
    lent.lone.advance(5s);
    auto asking = check();
    ASSERT_NE(asking, nullptr) << "though it is remembered for new sessions";
    outbound.answer(200, R"({"active":false})");
    EXPECT_EQ(said, (std::vector<bool>{true, false}));
    EXPECT_EQ(ask("one"), nullptr);
    EXPECT_EQ(answers.back().principal, nullptr) << "nor does a new one get in";
}

TEST_F(IntrospectionServiceTest, SessionsOutliveAnOutageWhereThatIsSaid) {
    for (const bool outlive : {true, false}) {
        retire();
        service.reset();
        settings.outlive_outage = outlive;
        const PrincipalRef principal = admitted("one");
        lent.lone.advance(20s);
        std::vector<bool> said;
        const auto asking = principal->vouching->ask(CoreId{0}, [&](bool holds) { said.push_back(holds); });
        outbound.fail(OutboundFailure::circuit_open);
        EXPECT_EQ(said, std::vector<bool>{outlive});
    }
}

TEST_F(IntrospectionServiceTest, ItsSessionsAreAskedAboutAfterItsAuthenticatorIsGone) {
    PrincipalRef principal = admitted("one");
    const std::weak_ptr<IntrospectionService> watched = service;
    retire();
    service.reset();
    EXPECT_FALSE(watched.expired());
    bool holds = false;
    auto asking = principal->vouching->ask(CoreId{0}, [&](bool said) { holds = said; });
    ASSERT_NE(asking, nullptr);
    outbound.answer(200, active());
    EXPECT_TRUE(holds);
    asking.reset();
    answers.clear();
    principal.reset();
    lent.run_posted();
    EXPECT_TRUE(watched.expired()) << "nothing that is remembered keeps it";
}

TEST_F(IntrospectionServiceTest, AQuestionThatNobodyWaitsForDoesNotKeepIt) {
    auto waiting = ask("one");
    auto given_up = ask("two");
    given_up.reset();
    const std::weak_ptr<IntrospectionService> watched = service;
    retire();
    service.reset();
    EXPECT_FALSE(watched.expired());
    waiting.reset();
    lent.run_posted();
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace junctor
