#include "policy/jose/key_set.hpp"

#include <gtest/gtest.h>

#include "tests/support/token_mint.hpp"

namespace junctor::jose {
namespace {

using nlohmann::json;
using test::TokenMint;
using Secrets = KeySet::Secrets;

std::string set_of(const std::vector<json>& keys) { return json{{"keys", keys}}.dump(); }

ErrorCode fault(const std::string& text, Secrets secrets = Secrets::allowed) {
    const Result<KeySet> set = KeySet::parse(text, secrets);
    return set ? ErrorCode(JoseErrc::ok) : set.error();
}

JoseErrc verdict(const KeySet& set, const std::string& token) { return set.verify(*parse_compact_token(token)); }

const TokenMint& first() {
    static const TokenMint mint = TokenMint::ec();
    return mint;
}

const TokenMint& second() {
    static const TokenMint mint = TokenMint::ec();
    return mint;
}

std::string token_of(const TokenMint& mint, json header) { return mint.token(Algorithm::es256, std::move(header), {{"sub", "a"}}); }

TEST(KeySet, FindsTheKeyByItsId) {
    const Result<KeySet> set = KeySet::parse(set_of({first().jwk("1"), second().jwk("2")}), Secrets::refused);
    ASSERT_TRUE(set);
    EXPECT_EQ(verdict(*set, token_of(second(), {{"kid", "2"}})), JoseErrc::ok);
    EXPECT_EQ(verdict(*set, token_of(second(), {{"kid", "1"}})), JoseErrc::bad_signature);
    EXPECT_EQ(verdict(*set, token_of(second(), {{"kid", "3"}})), JoseErrc::no_key);
    for (const char* kid : {"../../../../dev/null", "1' OR '1'='1", "http://evil.example/keys", "2\n"})
        EXPECT_EQ(verdict(*set, token_of(second(), {{"kid", kid}})), JoseErrc::no_key) << kid;
}

TEST(KeySet, TriesThoseOfTheAlgorithmWithoutAnId) {
    const Result<KeySet> set = KeySet::parse(set_of({first().jwk("1"), second().jwk("2")}), Secrets::refused);
    EXPECT_EQ(verdict(*set, token_of(second(), json::object())), JoseErrc::ok);
    EXPECT_EQ(verdict(*set, token_of(TokenMint::ec(), json::object())), JoseErrc::bad_signature);
    EXPECT_EQ(verdict(*set, TokenMint::rsa().token(Algorithm::rs256, json::object(), json::object())), JoseErrc::no_key);
    const Result<KeySet> nameless = KeySet::parse(set_of({first().jwk()}), Secrets::refused);
    EXPECT_EQ(verdict(*nameless, token_of(first(), {{"kid", "whatever"}})), JoseErrc::ok);
}

TEST(KeySet, LeavesOutKeysThatCannotBeUsed) {
    const json strange{{"kty", "future"}, {"kid", "1"}};
    json encryption = first().jwk("2");
    encryption["use"] = "enc";
    const Result<KeySet> set = KeySet::parse(set_of({strange, encryption, second().jwk("3"), json("no object")}), Secrets::refused);
    ASSERT_TRUE(set);
    EXPECT_EQ(set->size(), 1u);
    EXPECT_EQ(set->left_out(), 3u);
    EXPECT_EQ(fault(set_of({encryption})), JoseErrc::key_not_for_signatures);
}

TEST(KeySet, IsNotAmbiguous) {
    EXPECT_EQ(fault(set_of({first().jwk("1"), second().jwk("1")})), JoseErrc::ambiguous_key);
    json rsa = TokenMint::rsa().jwk("1");
    EXPECT_EQ(fault(set_of({first().jwk("1"), rsa})), JoseErrc::ok) << "of another algorithm";
}

TEST(KeySet, DoesNotMixSecretsAndPublicKeys) {
    const json secret = TokenMint::secret(std::string(32, 's')).jwk("s");
    EXPECT_EQ(fault(set_of({secret})), JoseErrc::ok);
    EXPECT_EQ(fault(set_of({secret}), Secrets::refused), JoseErrc::mixed_keys);
    EXPECT_EQ(fault(set_of({secret, first().jwk("1")})), JoseErrc::mixed_keys);
}

TEST(KeySet, IsAStrictDocumentOfBoundedSize) {
    EXPECT_EQ(fault(""), JoseErrc::malformed);
    EXPECT_EQ(fault("[]"), JoseErrc::malformed);
    EXPECT_EQ(fault("{}"), JoseErrc::bad_key);
    EXPECT_EQ(fault(R"({"keys":{}})"), JoseErrc::bad_key);
    EXPECT_EQ(fault(R"({"keys":[]})"), JoseErrc::no_key);
    EXPECT_EQ(fault(R"({"keys":[],"keys":[]})"), JoseErrc::malformed);
    EXPECT_EQ(fault(R"({"keys":[{"kty":"EC","kty":"RSA"}]})"), JoseErrc::malformed);
    EXPECT_EQ(fault(R"({"keys":[[[[[[[[[[[]]]]]]]]]]]})"), JoseErrc::malformed);
    EXPECT_EQ(fault(set_of(std::vector<json>(KeySet::most_keys + 1, first().jwk()))), JoseErrc::bad_key);
    EXPECT_EQ(fault(R"({"keys":[],"x":")" + std::string(300'000, 'x') + "\"}"), JoseErrc::malformed);
}

}  // namespace
}  // namespace junctor::jose
