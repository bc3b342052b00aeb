#include "policy/jose/verification_key.hpp"

#include <gtest/gtest.h>

#include "policy/jose/jose_errc.hpp"
#include "tests/support/token_mint.hpp"

namespace junctor::jose {
namespace {

using nlohmann::json;
using test::base64url;
using test::TokenMint;

ErrorCode fault(const json& jwk) {
    const Result<VerificationKey> key = VerificationKey::from_jwk(jwk);
    return key ? ErrorCode(JoseErrc::ok) : key.error();
}

json with(json jwk, const char* member, json value) {
    jwk[member] = std::move(value);
    return jwk;
}

const TokenMint& rsa() {
    static const TokenMint mint = TokenMint::rsa();
    return mint;
}

const TokenMint& ec() {
    static const TokenMint mint = TokenMint::ec();
    return mint;
}

void expect_verifies(const TokenMint& mint, std::initializer_list<Algorithm> algorithms) {
    const Result<VerificationKey> key = VerificationKey::from_jwk(mint.jwk());
    ASSERT_TRUE(key);
    for (std::size_t index = 0; index < algorithm_count; ++index) {
        const auto algorithm = static_cast<Algorithm>(index);
        const bool possible = std::find(algorithms.begin(), algorithms.end(), algorithm) != algorithms.end();
        EXPECT_EQ(key->algorithms().contains(algorithm), possible) << to_string(algorithm);
        if (!possible) continue;
        const std::string signature = mint.signature(algorithm, "input");
        EXPECT_TRUE(key->verifies(algorithm, "input", as_bytes(signature))) << to_string(algorithm);
        EXPECT_FALSE(key->verifies(algorithm, "inpuT", as_bytes(signature))) << to_string(algorithm);
        EXPECT_FALSE(key->verifies(algorithm, "input", as_bytes(signature + "x"))) << to_string(algorithm);
        EXPECT_FALSE(key->verifies(algorithm, "input", as_bytes(signature).first(signature.size() - 1))) << to_string(algorithm);
        EXPECT_FALSE(key->verifies(algorithm, "input", {})) << to_string(algorithm);
    }
}

TEST(VerificationKey, VerifiesWhatItsKindAndCurveCan) {
    using enum Algorithm;
    expect_verifies(rsa(), {rs256, rs384, rs512, ps256, ps384, ps512});
    expect_verifies(ec(), {es256});
    expect_verifies(TokenMint::ec("P-384"), {es384});
    expect_verifies(TokenMint::ec("P-521"), {es512});
    expect_verifies(TokenMint::okp("ED25519"), {eddsa, ed25519});
    expect_verifies(TokenMint::okp("ED448"), {eddsa, ed448});
    expect_verifies(TokenMint::secret(std::string(32, 's')), {hs256});
    expect_verifies(TokenMint::secret(std::string(64, 's')), {hs256, hs384, hs512});
}

TEST(VerificationKey, AlgNarrowsItToOne) {
    const Result<VerificationKey> key = VerificationKey::from_jwk(with(rsa().jwk(), "alg", "PS256"));
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->verifies(Algorithm::ps256, "input", as_bytes(rsa().signature(Algorithm::ps256, "input"))));
    EXPECT_FALSE(key->verifies(Algorithm::rs256, "input", as_bytes(rsa().signature(Algorithm::rs256, "input"))));
    EXPECT_EQ(fault(with(rsa().jwk(), "alg", "HS256")), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(ec().jwk(), "alg", "ES384")), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(ec().jwk(), "alg", 256)), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "alg", "RSA-OAEP")), JoseErrc::unsupported_key);
}

TEST(VerificationKey, IsForSignatures) {
    EXPECT_EQ(fault(with(rsa().jwk(), "use", "sig")), JoseErrc::ok);
    EXPECT_EQ(fault(with(rsa().jwk(), "key_ops", {"verify"})), JoseErrc::ok);
    EXPECT_EQ(fault(with(rsa().jwk(), "use", "enc")), JoseErrc::key_not_for_signatures);
    EXPECT_EQ(fault(with(rsa().jwk(), "use", json::array())), JoseErrc::key_not_for_signatures);
    EXPECT_EQ(fault(with(rsa().jwk(), "key_ops", {"encrypt"})), JoseErrc::key_not_for_signatures);
    EXPECT_EQ(fault(with(rsa().jwk(), "key_ops", "verify")), JoseErrc::key_not_for_signatures);
}

TEST(VerificationKey, NeverHoldsAPrivateKey) {
    EXPECT_EQ(fault(with(ec().jwk(), "d", "AAAA")), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "d", "AAAA")), JoseErrc::bad_key);
}

TEST(VerificationKey, RsaIsNeitherShortNorHugeNorOdd) {
    EXPECT_EQ(fault(TokenMint::rsa(1'024).jwk()), JoseErrc::weak_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "n", base64url(std::string(16'384 / 8, '\xff')))), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "n", base64url(std::string(1 << 16, '\xff')))), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "n", base64url(std::string(256, '\xfe')))), JoseErrc::bad_key) << "even";
    EXPECT_EQ(fault(with(rsa().jwk(), "e", base64url("\1"))), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "e", base64url("\2"))), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "e", base64url(std::string(6, '\xff')))), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "e", base64url(std::string(256, '\xff')))), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "e", "")), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(rsa().jwk(), "n", nullptr)), JoseErrc::bad_key);
}

TEST(VerificationKey, EcPointIsOnItsCurve) {
    json jwk = ec().jwk();
    EXPECT_EQ(fault(with(jwk, "crv", "P-384")), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(jwk, "crv", "secp256k1")), JoseErrc::unsupported_key);
    EXPECT_EQ(fault(with(jwk, "y", jwk["x"])), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(jwk, "x", base64url(std::string(31, 'x')))), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(with(jwk, "x", base64url(std::string(32, '\0'))), "y", base64url(std::string(32, '\0')))), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(jwk, "kty", "RSA")), JoseErrc::bad_key);
}

TEST(VerificationKey, EdwardsKeyHasItsFullSize) {
    const json jwk = TokenMint::okp().jwk();
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{31}, std::size_t{33}, std::size_t{57}, std::size_t{4'096}})
        EXPECT_EQ(fault(with(jwk, "x", base64url(std::string(size, 'x')))), JoseErrc::bad_key) << size;
    EXPECT_EQ(fault(with(jwk, "crv", "X25519")), JoseErrc::unsupported_key);
}

TEST(VerificationKey, SecretIsAsLongAsTheHash) {
    EXPECT_EQ(fault(TokenMint::secret(std::string(31, 's')).jwk()), JoseErrc::weak_key);
    EXPECT_EQ(fault(TokenMint::secret("").jwk()), JoseErrc::weak_key);
    EXPECT_EQ(fault(with(TokenMint::secret(std::string(32, 's')).jwk(), "alg", "HS512")), JoseErrc::bad_key);
    EXPECT_EQ(fault(with(TokenMint::secret(std::string(32, 's')).jwk(), "alg", "A256KW")), JoseErrc::unsupported_key);
    EXPECT_EQ(fault(TokenMint::secret(std::string(VerificationKey::longest_secret + 1, 's')).jwk()), JoseErrc::bad_key);
}

TEST(VerificationKey, PublicKeyIsNeverASecret) {
    const std::string pem = rsa().pem();
    const TokenMint forger = TokenMint::secret(pem);
    const std::string forged = forger.signature(Algorithm::hs256, "input");
    for (const Result<VerificationKey>& key : {VerificationKey::from_pem(pem), VerificationKey::from_jwk(rsa().jwk())})
        EXPECT_FALSE(key->verifies(Algorithm::hs256, "input", as_bytes(forged)));
}

TEST(VerificationKey, EcdsaOfZeroesIsNoSignature) {
    const Result<VerificationKey> key = VerificationKey::from_jwk(ec().jwk());
    std::string signature(64, '\0');
    EXPECT_FALSE(key->verifies(Algorithm::es256, "input", as_bytes(signature)));
    signature[63] = signature[31] = 1;
    EXPECT_FALSE(key->verifies(Algorithm::es256, "input", as_bytes(signature)));
    EXPECT_FALSE(key->verifies(Algorithm::es256, "input", as_bytes(std::string(64, '\xff'))));
}

TEST(VerificationKey, IsReadFromPem) {
    const Result<VerificationKey> key = VerificationKey::from_pem(ec().pem());
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->verifies(Algorithm::es256, "input", as_bytes(ec().signature(Algorithm::es256, "input"))));
    EXPECT_EQ(VerificationKey::from_pem(TokenMint::rsa(1'024).pem()).error(), JoseErrc::weak_key);
    EXPECT_EQ(VerificationKey::from_pem(TokenMint::ec("secp256k1").pem()).error(), JoseErrc::unsupported_key);
    for (const std::string_view text : {"", "secret", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "-----BEGIN PRIVATE KEY-----\n"})
        EXPECT_EQ(VerificationKey::from_pem(text).error(), JoseErrc::bad_key) << text;
}

}  // namespace
}  // namespace junctor::jose
