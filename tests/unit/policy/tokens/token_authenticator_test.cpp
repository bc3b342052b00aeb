#include "policy/tokens/token_authenticator.hpp"

#include <gtest/gtest.h>

#include "core/observe/log.hpp"
#include "tests/support/lent_parts.hpp"
#include "tests/support/token_mint.hpp"

namespace junctor {
namespace {

using jose::Algorithm;
using nlohmann::json;
using test::base64url;
using test::TokenMint;
using Outcome = AuthenticationStep::Outcome;
using namespace std::chrono_literals;

const TokenMint& rsa() {
    static const TokenMint mint = TokenMint::rsa();
    return mint;
}

/// Keys that the test replaces; who asks for newer ones waits until it says so.
class TestKeys final : public KeySource {
public:
    jose::KeySetPtr keys() const override { return current; }
    void renew(CoreId, jose::KeySetPtr, std::function<void()> done) override {
        ++renewals;
        waiting.push_back(std::move(done));
    }
    void set(const std::vector<json>& jwks) {
        const std::string text = json{{"keys", jwks}}.dump();
        current = std::make_shared<const jose::KeySet>(*jose::KeySet::parse(text, jose::KeySet::Secrets::allowed));
    }
    void answer() {
        for (const auto& done : std::exchange(waiting, {})) done();
    }

    jose::KeySetPtr current;
    int renewals = 0;
    std::vector<std::function<void()>> waiting;
};

class TokenAuthenticatorTest : public ::testing::Test {
protected:
    TokenAuthenticatorTest() {
        settings.rules.algorithms = {Algorithm::rs256, Algorithm::es256};
        settings.rules.claims.issuer = "https://issuer.example";
        settings.rules.claims.audiences = {"junctor"};
        settings.rules.claims.types = {"at+jwt"};
        settings.keys = keys;
        keys->set({rsa().jwk("1")});
    }

    json claims() const {
        return {{"iss", "https://issuer.example"},
                {"aud", "junctor"},
                {"sub", "alice"},
                {"exp", std::chrono::duration_cast<std::chrono::seconds>(lent.lone.clock.wall().time_since_epoch()).count() + 300}};
    }
    static json header() { return {{"typ", "at+jwt"}, {"kid", "1"}}; }
    std::string good() const { return rsa().token(Algorithm::rs256, header(), claims()); }

    /// Shows the token as a bearer.
    void show(std::string token) {
        Credentials shown;
        shown.bearer = std::move(token);
        present(std::move(shown));
    }
    void present(Credentials shown) {
        if (!authenticator) authenticator.emplace(settings, lent.parts);
        credentials = std::move(shown);
        steps.clear();
        conversation.reset();
        conversation = authenticator->begin(credentials, [this](AuthenticationStep step) { steps.push_back(std::move(step)); });
    }
    void expect_refused(const std::string& token, const std::string& what) {
        show(token);
        ASSERT_EQ(steps.size(), 1u) << what;
        if (steps[0].outcome == Outcome::abstain) return;  // then nobody is left, with the same words
        EXPECT_EQ(steps[0].outcome, Outcome::deny) << what;
        EXPECT_EQ(steps[0].reason, "not authenticated") << what;
        EXPECT_EQ(keys->renewals, 0) << what;
    }

    test::LentParts lent;
    std::shared_ptr<TestKeys> keys = std::make_shared<TestKeys>();
    TokenAuthenticator::Settings settings;
    std::optional<TokenAuthenticator> authenticator;
    Credentials credentials;
    std::vector<AuthenticationStep> steps;
    std::unique_ptr<Authentication> conversation;
};

TEST_F(TokenAuthenticatorTest, TakesATokenByTheMethodThatCarriesOne) {
    const auto show_by = [&](std::string method, const std::string& data) {
        Credentials shown;
        shown.method = std::move(method);
        append(shown.data, data);
        shown.password = good();
        present(std::move(shown));
        return steps.at(0).outcome;
    };
    settings.places.password = true;
    EXPECT_EQ(show_by("OAUTHBEARER", "n,,\1auth=Bearer " + good() + "\1\1"), Outcome::allow);
    EXPECT_EQ(show_by("OAUTHBEARER", good()), Outcome::abstain);
    EXPECT_EQ(show_by("OAUTHBEARER", ""), Outcome::abstain);
    EXPECT_EQ(show_by("SCRAM-SHA-256", "n,,\1auth=Bearer " + good() + "\1\1"), Outcome::abstain) << "who shows a method speaks by it alone";
    settings.places.bearer = false;
    authenticator.reset();
    EXPECT_EQ(show_by("OAUTHBEARER", "n,,\1auth=Bearer " + good() + "\1\1"), Outcome::abstain);
}

TEST_F(TokenAuthenticatorTest, TakesTheIssuersWord) {
    show(good());
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(conversation, nullptr);
    ASSERT_EQ(steps[0].outcome, Outcome::allow);
    EXPECT_EQ(steps[0].principal->name, "alice");
    EXPECT_EQ(steps[0].principal->expires_at, lent.lone.clock.wall() + 360s) << "with the skew";
}

TEST_F(TokenAuthenticatorTest, AbstainsWhereNoTokenOfItsIssuerIsShown) {
    Credentials password;
    password.user = "alice";
    password.password = good();
    json other = claims();
    other["iss"] = "https://other.example";
    Credentials opaque, foreign;
    opaque.bearer = "opaque-0123456789";
    foreign.bearer = rsa().token(Algorithm::rs256, header(), other);
    for (const Credentials& shown : {Credentials(), password, opaque, foreign}) {
        present(shown);
        ASSERT_EQ(steps.size(), 1u);
        EXPECT_EQ(steps[0].outcome, Outcome::abstain);
    }
}

TEST_F(TokenAuthenticatorTest, LooksIntoThePasswordWhereThatIsSaid) {
    settings.places.password = true;
    Credentials shown;
    shown.user = "whatever";
    shown.password = good();
    present(shown);
    EXPECT_EQ(steps[0].outcome, Outcome::allow);
    EXPECT_EQ(steps[0].principal->name, "alice") << "the token says who it is";
    shown.password = "a plain one";
    present(shown);
    EXPECT_EQ(steps[0].outcome, Outcome::abstain);
}

TEST_F(TokenAuthenticatorTest, WaitsForNewerKeysOnce) {
    const TokenMint next = TokenMint::ec();
    show(next.token(Algorithm::es256, {{"typ", "at+jwt"}, {"kid", "2"}}, claims()));
    EXPECT_TRUE(steps.empty());
    EXPECT_EQ(keys->renewals, 1);
    keys->set({rsa().jwk("1"), next.jwk("2")});
    keys->answer();
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].outcome, Outcome::allow);

    show(next.token(Algorithm::es256, {{"typ", "at+jwt"}, {"kid", "3"}}, claims()));
    keys->answer();
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].outcome, Outcome::deny);
    EXPECT_TRUE(keys->waiting.empty());
}

TEST_F(TokenAuthenticatorTest, IsClosedWithoutKeys) {
    keys->current = nullptr;
    show(good());
    EXPECT_TRUE(steps.empty());
    keys->answer();
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].outcome, Outcome::deny);
}

TEST_F(TokenAuthenticatorTest, IsSilentOnceGivenUp) {
    keys->current = nullptr;
    show(good());
    conversation.reset();
    keys->answer();
    EXPECT_TRUE(steps.empty());
}

TEST_F(TokenAuthenticatorTest, SurvivesAnOwnerThatDropsItWithinTheAnswer) {
    keys->current = nullptr;
    authenticator.emplace(settings, lent.parts);
    credentials.bearer = good();
    int called = 0;
    conversation = authenticator->begin(credentials, [&](AuthenticationStep) {
        ++called;
        conversation.reset();
    });
    keys->answer();
    EXPECT_EQ(called, 1);
}

// The attack list: one constant error each, and nobody fetches keys for it.
TEST_F(TokenAuthenticatorTest, Threat25RefusesAttacksOnTheHeader) {
    const auto with_header = [&](const json& more) {
        json full = header();
        full.update(more);
        return rsa().token(Algorithm::rs256, full, claims());
    };
    for (const json& more : {json{{"jku", "http://169.254.169.254/"}}, json{{"x5u", "https://evil.example"}}, json{{"jwk", rsa().jwk()}}, json{{"x5c", {"AA"}}},
                             json{{"crit", {"exp"}}}, json{{"crit", {"b64"}}, {"b64", false}}, json{{"b64", false}}, json{{"typ", "JWT"}}, json{{"typ", 1}}})
        expect_refused(with_header(more), more.dump());
    for (const char* alg : {"none", "None", "nOnE", "RS512", "PS256", ""}) expect_refused(with_header({{"alg", alg}}), alg);
    const std::string payload = claims().dump();
    for (const char* name : {"none", "None", "nOnE"}) {
        const std::string unsigned_token = base64url(json{{"alg", name}, {"typ", "at+jwt"}}.dump()) + "." + base64url(payload) + ".";
        expect_refused(unsigned_token, name);
        expect_refused(unsigned_token + "c2ln", name);
    }
    expect_refused(rsa().signed_text(Algorithm::rs256, R"({"alg":"none","alg":"RS256","typ":"at+jwt","kid":"1"})", payload), "alg twice");
    for (const char* kid : {"../../../dev/null", "1' UNION SELECT 'x", "https://evil.example/keys.json"}) {
        show(rsa().token(Algorithm::rs256, {{"typ", "at+jwt"}, {"kid", kid}}, claims()));
        EXPECT_TRUE(steps.empty()) << "an unknown key id waits for newer keys, and is looked up nowhere";
        keys->answer();
        ASSERT_EQ(steps.size(), 1u);
        EXPECT_EQ(steps[0].outcome, Outcome::deny);
    }
}

TEST_F(TokenAuthenticatorTest, Threat25NeverTakesAPublicKeyForASecret) {
    const std::string forged = TokenMint::secret(rsa().pem()).token(Algorithm::hs256, {{"typ", "at+jwt"}, {"kid", "1"}}, claims());
    expect_refused(forged, "not offered");
    authenticator.reset();
    settings.rules.algorithms.add(Algorithm::hs256);
    settings.keys = std::make_shared<FixedKeys>(*keys->current);
    show(forged);
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].outcome, Outcome::deny) << "offered, but no key does it";
}

TEST_F(TokenAuthenticatorTest, Threat25RefusesAttacksOnTheSignature) {
    const std::string token = good();
    const std::string signed_part = token.substr(0, token.rfind('.'));
    expect_refused(signed_part + ".", "empty");
    expect_refused(signed_part, "missing");
    expect_refused(signed_part + "." + base64url(std::string(256, '\0')), "zeroes");
    expect_refused(signed_part + "." + base64url(std::string(64, '\0')), "of another size");
    expect_refused(token + "A", "longer");
    expect_refused(token + "=", "padded");
    expect_refused(token + "\n", "with a line end");
    expect_refused(token.substr(0, token.size() - 1) + (token.back() == 'A' ? "B" : "A"), "bits behind its end, or another one");
    expect_refused(TokenMint::rsa().token(Algorithm::rs256, header(), claims()), "another key");
    const TokenMint curve = TokenMint::ec("P-384");
    keys->set({rsa().jwk("1"), TokenMint::ec().jwk("e")});
    expect_refused(curve.signed_text(Algorithm::es384, R"({"alg":"ES256","typ":"at+jwt","kid":"e"})", claims().dump()), "another curve");
    expect_refused(base64url(R"({"alg":"ES256","typ":"at+jwt","kid":"e"})") + "." + base64url(claims().dump()) + "." + base64url(std::string(64, '\0')),
                   "r = s = 0");
}

TEST_F(TokenAuthenticatorTest, Threat25RefusesAttacksOnTheClaims) {
    const auto with = [&](const char* name, const json& value) {
        json all = claims();
        if (value.is_discarded()) all.erase(name);
        else all[name] = value;
        return rsa().token(Algorithm::rs256, header(), all);
    };
    const json none = json(json::value_t::discarded);
    for (const json& time : {json("4102444800"), json(4102444800.5), json(-1), json(0), none, json(nullptr)}) expect_refused(with("exp", time), "exp " + time.dump());
    for (const json& time : {json("0"), json(0.5), json(-1), json(4'102'444'800)}) expect_refused(with("nbf", time), "nbf " + time.dump());
    for (const json& audience : {none, json("other"), json{"other"}, json{json{"junctor"}}, json::array()}) expect_refused(with("aud", audience), "aud " + audience.dump());
    expect_refused(with("iss", none), "no iss");
    expect_refused(with("at_hash", "x"), "an ID token");
    expect_refused(with("sub", none), "nobody");
    const std::string start = R"({"iss":"https://issuer.example","aud":"junctor","sub":"alice",)";
    const std::string head = R"({"alg":"RS256","typ":"at+jwt","kid":"1"})";
    for (const std::string& rest : std::vector<std::string>{R"("exp":1e400})", R"("exp":1,"exp":4102444800})", R"("exp":4102444800,"sub":"bob"})", R"("exp":4102444800,"x":)" + std::string(100, '[') + std::string(100, ']') + "}",
                                                            R"("exp":4102444800}x)", "\"exp\":4102444800,\"x\":\"\xff\"}"})
        expect_refused(rsa().signed_text(Algorithm::rs256, head, start + rest), rest);
    expect_refused(rsa().signed_text(Algorithm::rs256, head, start + R"("exp":4102444800,"x":")" + std::string(1 << 20, 'x') + "\"}"), "a megabyte");
}

TEST_F(TokenAuthenticatorTest, Threat27LogsNothingOfTheToken) {
    std::string logged;
    redirect_log([&](std::string_view line) { logged += line; });
    json canary = claims();
    canary["aud"] = "canary-audience";
    canary["sub"] = "canary-subject";
    const std::string token = rsa().token(Algorithm::rs256, header(), canary);
    // Refusals of other cases may have used up what is written in a second.
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (logged.find("credentials refused") == std::string::npos && std::chrono::steady_clock::now() < until) {
        show(token);
        flush_log();
    }
    redirect_log(nullptr);
    EXPECT_NE(logged.find("credentials refused"), std::string::npos);
    EXPECT_NE(logged.find("for another audience"), std::string::npos);
    EXPECT_EQ(logged.find("canary"), std::string::npos);
    for (std::size_t at = 0; at + 12 < token.size(); at += 12) EXPECT_EQ(logged.find(token.substr(at, 12)), std::string::npos);
}

}  // namespace
}  // namespace junctor
