#include "tests/support/token_mint.hpp"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>

#include "core/base/base64.hpp"

namespace junctor::test {
namespace {

using namespace jose;

void require(bool holds) {
    if (!holds) throw std::runtime_error("OpenSSL does not do what the test needs");
}

std::string number(EVP_PKEY* key, const char* name, int size = 0) {
    BIGNUM* value = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &value) == 1);
    const OpenSslPtr<BIGNUM> owned(value);
    std::string bytes(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(value)), '\0');
    require(BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) >= 0);
    return bytes;
}

/// JWS writes r and s side by side.
std::string raw_ecdsa(EVP_PKEY* key, const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const OpenSslPtr<ECDSA_SIG> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    const int half = (EVP_PKEY_get_bits(key) + 7) / 8;
    std::string raw(static_cast<std::size_t>(2 * half), '\0');
    auto* to = reinterpret_cast<unsigned char*>(raw.data());
    require(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), to, half) > 0 && BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), to + half, half) > 0);
    return raw;
}

std::string hmac(Algorithm algorithm, const std::string& secret, std::string_view input) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    std::size_t size = 0;
    require(EVP_Q_mac(nullptr, "HMAC", nullptr, digest_of(algorithm), nullptr, secret.data(), secret.size(),
                      reinterpret_cast<const unsigned char*>(input.data()), input.size(), mac.data(), mac.size(), &size) != nullptr);
    return {reinterpret_cast<const char*>(mac.data()), size};
}

std::string curve_of(EVP_PKEY* key) {
    switch (EVP_PKEY_get_bits(key)) {
        case 256: return "P-256";
        case 384: return "P-384";
        default: return "P-521";
    }
}

}  // namespace

std::string base64url(std::string_view bytes) {
    ByteBuffer text;
    append_base64(text, as_bytes(bytes));
    std::string url(as_text(text));
    while (url.ends_with('=')) url.pop_back();
    for (char& c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return url;
}

TokenMint TokenMint::rsa(unsigned bits) {
    TokenMint mint;
    mint.key_.reset(EVP_RSA_gen(bits));
    require(mint.key_ != nullptr);
    return mint;
}

TokenMint TokenMint::ec(const char* curve) {
    TokenMint mint;
    mint.key_.reset(EVP_EC_gen(curve));
    require(mint.key_ != nullptr);
    return mint;
}

TokenMint TokenMint::okp(const char* curve) {
    TokenMint mint;
    mint.key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, curve));
    require(mint.key_ != nullptr);
    return mint;
}

TokenMint TokenMint::secret(std::string bytes) {
    TokenMint mint;
    mint.secret_ = std::move(bytes);
    return mint;
}

nlohmann::json TokenMint::jwk(const std::string& kid) const {
    nlohmann::json jwk;
    EVP_PKEY* key = key_.get();
    if (!key) {
        jwk = {{"kty", "oct"}, {"k", base64url(secret_)}};
    } else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        jwk = {{"kty", "RSA"}, {"n", base64url(number(key, OSSL_PKEY_PARAM_RSA_N))}, {"e", base64url(number(key, OSSL_PKEY_PARAM_RSA_E))}};
    } else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
        const int size = (EVP_PKEY_get_bits(key) + 7) / 8;
        jwk = {{"kty", "EC"},
               {"crv", curve_of(key)},
               {"x", base64url(number(key, OSSL_PKEY_PARAM_EC_PUB_X, size))},
               {"y", base64url(number(key, OSSL_PKEY_PARAM_EC_PUB_Y, size))}};
    } else {
        std::array<unsigned char, 64> raw{};
        std::size_t size = raw.size();
        require(EVP_PKEY_get_raw_public_key(key, raw.data(), &size) == 1);
        jwk = {{"kty", "OKP"}, {"crv", size == 32 ? "Ed25519" : "Ed448"}, {"x", base64url({reinterpret_cast<const char*>(raw.data()), size})}};
    }
    if (!kid.empty()) jwk["kid"] = kid;
    return jwk;
}

std::string TokenMint::pem() const {
    const OpenSslPtr<BIO> text(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_PUBKEY(text.get(), key_.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string TokenMint::signature(Algorithm algorithm, std::string_view input) const {
    if (!key_) return hmac(algorithm, secret_, input);
    const OpenSslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* how = nullptr;
    require(EVP_DigestSignInit_ex(context.get(), &how, digest_of(algorithm), nullptr, nullptr, key_.get(), nullptr) == 1);
    if (family_of(algorithm) == Family::rsa_pss)
        require(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1);
    const auto* bytes = reinterpret_cast<const unsigned char*>(input.data());
    std::size_t size = 0;
    require(EVP_DigestSign(context.get(), nullptr, &size, bytes, input.size()) == 1);
    std::string made(size, '\0');
    require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(made.data()), &size, bytes, input.size()) == 1);
    made.resize(size);
    return family_of(algorithm) == Family::ecdsa ? raw_ecdsa(key_.get(), made) : made;
}

std::string TokenMint::signed_text(Algorithm algorithm, std::string_view header, std::string_view payload) const {
    const std::string input = base64url(header) + "." + base64url(payload);
    return input + "." + base64url(signature(algorithm, input));
}

std::string TokenMint::token(Algorithm algorithm, nlohmann::json header, const nlohmann::json& claims) const {
    if (!header.contains("alg")) header["alg"] = to_string(algorithm);
    return signed_text(algorithm, header.dump(), claims.dump());
}

}  // namespace junctor::test
