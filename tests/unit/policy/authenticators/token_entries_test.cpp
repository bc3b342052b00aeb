// What may stand in the entries of jwt, oidc, introspection and http, and what is said of mistakes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/config/load.hpp"
#include "policy/plugin.hpp"
#include "tests/support/fake_outbound.hpp"
#include "tests/support/lent_parts.hpp"
#include "tests/support/token_mint.hpp"

namespace junctor {

namespace authenticators {
namespace jwt { AuthenticatorDescriptor descriptor(); }
namespace oidc { AuthenticatorDescriptor descriptor(); }
namespace introspection { AuthenticatorDescriptor descriptor(); }
namespace http { AuthenticatorDescriptor descriptor(); }
}  // namespace authenticators

namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class TokenEntriesTest : public ::testing::Test {
protected:
    TokenEntriesTest() { lent.parts.outbound = &outbound; }
    ~TokenEntriesTest() override { lent.run_posted(); }

    /// What is wrong with an entry; empty: nothing.
    std::string fault(const AuthenticatorDescriptor& descriptor, const std::string& entry) {
        try {
            const config::Section section = config::load_text(entry, descriptor.fields, {"test.yaml", testing::TempDir()});
            EXPECT_NE(descriptor.make(section, lent.parts), nullptr);
            EXPECT_FALSE(descriptor.whom(section).empty());
        } catch (const std::exception& error) {
            return error.what();
        }
        EXPECT_EQ(outbound.waiting(), 0u) << "making one talks to nobody";
        lent.run_posted();
        return {};
    }
    std::string jwt(const std::string& more, const std::string& base = "issuer: x, audience: [junctor]") {
        return fault(authenticators::jwt::descriptor(), "{" + base + ", " + more + "}");
    }
    std::string oidc(const std::string& entry) { return fault(authenticators::oidc::descriptor(), "{" + entry + "}"); }
    static std::string write(const std::string& name, const std::string& text) {
        const std::string path = testing::TempDir() + name;
        std::ofstream(path) << text;
        return path;
    }

    test::LentParts lent;
    test::FakeOutbound outbound;
};

TEST_F(TokenEntriesTest, JwtHasOneSourceOfKeys) {
    const std::string secret = "secret: 0123456789012345678901234567890123456789";
    EXPECT_THAT(jwt("algorithms: [HS256], " + secret), IsEmpty());
    EXPECT_THAT(jwt("algorithms: [ES256], public_key: " + write("token_key.pem", test::TokenMint::ec().pem())), IsEmpty());
    EXPECT_THAT(jwt("algorithms: [EdDSA], jwks: " + write("token_keys.json", nlohmann::json{{"keys", {test::TokenMint::okp().jwk("1")}}}.dump())), IsEmpty());
    EXPECT_THAT(jwt("algorithms: [RS256], jwks_url: https://issuer.example/keys"), IsEmpty());
    EXPECT_THAT(jwt("algorithms: [HS256]"), HasSubstr("one of 'public_key', 'secret', 'jwks' and 'jwks_url'"));
    EXPECT_THAT(jwt("algorithms: [HS256], jwks_url: https://issuer.example, " + secret), HasSubstr("one of"));
}

TEST_F(TokenEntriesTest, JwtSaysWhatIsWrongWithAKey) {
    EXPECT_THAT(jwt("algorithms: [HS256], secret: short"), HasSubstr("test.yaml:1:"));
    EXPECT_THAT(jwt("algorithms: [HS256], secret: short"), HasSubstr("too short"));
    EXPECT_THAT(jwt("algorithms: [ES256], public_key: " + write("token_rsa.pem", test::TokenMint::rsa().pem())), HasSubstr("none that the key can do"));
    EXPECT_THAT(jwt("algorithms: [ES256], public_key: " + write("token_none.pem", "no key")), HasSubstr("not a public key"));
    EXPECT_THAT(jwt("algorithms: [HS256], jwks_url: https://issuer.example"), HasSubstr("published keys are none"));
    EXPECT_THAT(jwt("algorithms: [RS265], jwks_url: https://issuer.example"), HasSubstr("did you mean 'RS256'?"));
    EXPECT_THAT(jwt("algorithms: [none], jwks_url: https://issuer.example"), HasSubstr("cannot hold 'none'"));
    EXPECT_THAT(jwt("algorithms: [], jwks_url: https://issuer.example"), HasSubstr("is empty"));
}

TEST_F(TokenEntriesTest, RulesAreNeverLeftOutByAccident) {
    const std::string key = "algorithms: [RS256], jwks_url: https://issuer.example";
    EXPECT_THAT(jwt(key, "issuer: x"), HasSubstr("audience"));
    EXPECT_THAT(jwt(key, "audience: [a]"), HasSubstr("issuer"));
    EXPECT_THAT(jwt(key, "issuer: x, audience: []"), HasSubstr("[none] would say"));
    EXPECT_THAT(jwt(key, "issuer: x, audience: [a, none]"), HasSubstr("'none' alone"));
    EXPECT_THAT(jwt(key, "issuer: none, audience: [none]"), IsEmpty());
    EXPECT_THAT(jwt(key + ", clock_skew: 61s"), HasSubstr("at most 60s"));
    EXPECT_THAT(jwt(key + ", token_types: []"), HasSubstr("no token would do"));
    EXPECT_THAT(jwt(key + ", required_claims: ['=x']"), HasSubstr("scope=mqtt"));
    EXPECT_THAT(jwt(key + ", from: [baerer]"), HasSubstr("did you mean 'bearer'?"));
    EXPECT_THAT(jwt(key + ", from: []"), HasSubstr("no token would ever be found"));
}

TEST_F(TokenEntriesTest, SecretsDoNotTravelInTheClear) {
    const std::string audience = ", audience: [junctor]";
    EXPECT_THAT(oidc("issuer: https://issuer.example" + audience), IsEmpty());
    EXPECT_THAT(oidc("issuer: http://127.0.0.1:8000" + audience), IsEmpty());
    EXPECT_THAT(oidc("issuer: 'http://[::1]:8000'" + audience), IsEmpty());
    EXPECT_THAT(oidc("issuer: http://localhost/x" + audience), IsEmpty());
    EXPECT_THAT(oidc("issuer: http://issuer.example" + audience), HasSubstr("without TLS"));
    EXPECT_THAT(oidc("issuer: http://127.0.0.1.evil.example" + audience), HasSubstr("without TLS"));
    EXPECT_THAT(oidc("issuer: http://issuer.example, plaintext: allowed" + audience), IsEmpty());
    EXPECT_THAT(oidc("issuer: 'https://user:canary@issuer.example'" + audience), AllOf(HasSubstr("no URL"), testing::Not(HasSubstr("canary"))));
    EXPECT_THAT(oidc("issuer: 'ftp://issuer.example'" + audience), HasSubstr("no URL"));
    EXPECT_THAT(oidc("issuer: https://issuer.example, algorithms: [HS256]" + audience), HasSubstr("published keys are none"));
    EXPECT_THAT(oidc("issuer: https://issuer.example, keep_keys: 1m" + audience), HasSubstr("not shorter than"));
    EXPECT_THAT(oidc("issuer: https://issuer.example, unknown_key_interval: 0s" + audience), HasSubstr("at least 1s"));
    EXPECT_THAT(oidc("issuer: https://issuer.example, timeout: 0s" + audience), HasSubstr("longer than nothing"));
}

TEST_F(TokenEntriesTest, IntrospectionAndCalloutsHaveSensibleTerms) {
    const std::string who = "client_id: a, client_secret: b, ";
    const auto introspection = [&](const std::string& more) { return fault(authenticators::introspection::descriptor(), "{" + who + more + "}"); };
    EXPECT_THAT(introspection("url: https://issuer.example"), IsEmpty());
    EXPECT_THAT(introspection("url: https://issuer.example, revoked_within: 1ms"), HasSubstr("at least 100ms"));
    EXPECT_THAT(introspection("url: http://issuer.example"), HasSubstr("without TLS"));
    const auto http = [&](const std::string& entry) { return fault(authenticators::http::descriptor(), "{" + entry + "}"); };
    EXPECT_THAT(http("url: https://accounts.example, secret: s, headers: ['X-Site: north']"), IsEmpty());
    EXPECT_THAT(http("url: https://accounts.example, headers: [x]"), HasSubstr("'Name: value'"));
    EXPECT_THAT(http("url: http://accounts.example"), HasSubstr("without TLS"));
}

}  // namespace
}  // namespace junctor
