#include "policy/jose/public_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/base/base64.hpp"
#include "policy/jose/jose_errc.hpp"
#include "policy/jose/roca.hpp"
#include "policy/jose/strict_json.hpp"
#include "policy/jose/verification_key.hpp"

namespace junctor::jose {
namespace {

using Key = OpenSslPtr<EVP_PKEY>;

struct Curve {
    const char* jwk;
    const char* group;  ///< OpenSSL's name
    std::size_t field_bytes;
    Algorithm algorithm;
};

constexpr std::array<Curve, 3> curves{{{"P-256", SN_X9_62_prime256v1, 32, Algorithm::es256},
                                       {"P-384", SN_secp384r1, 48, Algorithm::es384},
                                       {"P-521", SN_secp521r1, 66, Algorithm::es512}}};

/// Public exponents beyond this only make verifying slow.
constexpr int most_exponent_bits = 33;

/// The bytes of a base64url member, at most so many; nothing where it is not there or not that.
std::optional<ByteBuffer> binary_member(const nlohmann::json& jwk, const char* name, std::size_t most_bytes) {
    const std::string* text = string_member(jwk, name);
    ByteBuffer bytes;
    if (!text || text->empty() || text->size() > most_bytes * 4 / 3 + 4 || !append_from_base64url(bytes, *text)) return std::nullopt;
    return bytes;
}

Result<Key> build(const char* kind, OSSL_PARAM_BLD* parameters) {
    const OpenSslPtr<OSSL_PARAM> list(OSSL_PARAM_BLD_to_param(parameters));
    const OpenSslPtr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
    EVP_PKEY* made = nullptr;
    const bool built = list && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                       EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, list.get()) == 1;
    Key key(made);
    ERR_clear_error();
    if (!built) return JoseErrc::bad_key;
    return key;
}

OpenSslPtr<BIGNUM> number(const ByteBuffer& bytes) {
    return OpenSslPtr<BIGNUM>(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

Result<Key> read_rsa(const nlohmann::json& jwk) {
    const std::optional<ByteBuffer> modulus = binary_member(jwk, "n", VerificationKey::most_rsa_bits / 8 + 1);
    const std::optional<ByteBuffer> exponent = binary_member(jwk, "e", 8);
    if (!modulus || !exponent) return JoseErrc::bad_key;
    const OpenSslPtr<BIGNUM> n = number(*modulus), e = number(*exponent);
    const OpenSslPtr<OSSL_PARAM_BLD> parameters(OSSL_PARAM_BLD_new());
    if (!n || !e || !parameters || OSSL_PARAM_BLD_push_BN(parameters.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(parameters.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return JoseErrc::bad_key;
    return build("RSA", parameters.get());
}

/// Coordinates have the full size of the field (RFC 7518 section 6.2.1.2); a point that is not on the curve is refused.
Result<Key> read_ec(const nlohmann::json& jwk) {
    const std::string* name = string_member(jwk, "crv");
    if (!name) return JoseErrc::bad_key;
    for (const Curve& curve : curves) {
        if (*name != curve.jwk) continue;
        const std::optional<ByteBuffer> x = binary_member(jwk, "x", curve.field_bytes);
        const std::optional<ByteBuffer> y = binary_member(jwk, "y", curve.field_bytes);
        if (!x || !y || x->size() != curve.field_bytes || y->size() != curve.field_bytes) return JoseErrc::bad_key;
        ByteBuffer point{POINT_CONVERSION_UNCOMPRESSED};
        append(point, Bytes(*x));
        append(point, Bytes(*y));
        const OpenSslPtr<OSSL_PARAM_BLD> parameters(OSSL_PARAM_BLD_new());
        if (!parameters || OSSL_PARAM_BLD_push_utf8_string(parameters.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) != 1 ||
            OSSL_PARAM_BLD_push_octet_string(parameters.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
            return JoseErrc::bad_key;
        return build("EC", parameters.get());
    }
    return JoseErrc::unsupported_key;
}

Result<Key> read_okp(const nlohmann::json& jwk) {
    const std::string* curve = string_member(jwk, "crv");
    if (!curve) return JoseErrc::bad_key;
    if (*curve != "Ed25519" && *curve != "Ed448") return JoseErrc::unsupported_key;
    const std::optional<ByteBuffer> x = binary_member(jwk, "x", 57);
    if (!x) return JoseErrc::bad_key;
    Key key(EVP_PKEY_new_raw_public_key_ex(nullptr, curve->c_str(), nullptr, x->data(), x->size()));  // refuses another size
    ERR_clear_error();
    if (!key) return JoseErrc::bad_key;
    return key;
}

OpenSslPtr<BIGNUM> number_of(EVP_PKEY* key, const char* parameter) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key, parameter, &value);
    return OpenSslPtr<BIGNUM>(value);
}

Result<AlgorithmSet> judge_rsa(EVP_PKEY* key) {
    const OpenSslPtr<BIGNUM> n = number_of(key, OSSL_PKEY_PARAM_RSA_N), e = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    if (!n || !e || !BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_num_bits(e.get()) > most_exponent_bits)
        return JoseErrc::bad_key;
    if (BN_num_bits(n.get()) < VerificationKey::least_rsa_bits || has_roca_weakness(n.get())) return JoseErrc::weak_key;
    if (BN_num_bits(n.get()) > VerificationKey::most_rsa_bits) return JoseErrc::bad_key;
    return AlgorithmSet{Algorithm::rs256, Algorithm::rs384, Algorithm::rs512, Algorithm::ps256, Algorithm::ps384, Algorithm::ps512};
}

Result<AlgorithmSet> judge_ec(EVP_PKEY* key) {
    std::array<char, 64> group{};
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) return JoseErrc::unsupported_key;
    for (const Curve& curve : curves)
        if (std::string_view(group.data()) == curve.group) return AlgorithmSet{curve.algorithm};
    return JoseErrc::unsupported_key;
}

}  // namespace

Result<Key> read_jwk(const nlohmann::json& jwk) {
    const std::string* kind = string_member(jwk, "kty");
    if (!kind || jwk.contains("d")) return JoseErrc::bad_key;
    if (*kind == "RSA") return read_rsa(jwk);
    if (*kind == "EC") return read_ec(jwk);
    if (*kind == "OKP") return read_okp(jwk);
    return JoseErrc::unsupported_key;
}

Result<Key> read_pem(std::string_view pem) {
    const OpenSslPtr<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!text) return JoseErrc::bad_key;
    // Without a callback of ours OpenSSL would ask the terminal for the password of an encrypted key.
    const auto no_password = [](char*, int, int, void*) { return -1; };
    Key key(PEM_read_bio_PUBKEY(text.get(), nullptr, no_password, nullptr));
    if (!key && BIO_reset(text.get()) == 1)
        if (const OpenSslPtr<X509> certificate(PEM_read_bio_X509(text.get(), nullptr, no_password, nullptr)); certificate)
            key.reset(X509_get_pubkey(certificate.get()));
    ERR_clear_error();
    if (!key) return JoseErrc::bad_key;
    return key;
}

Result<AlgorithmSet> judge_public_key(EVP_PKEY* key) {
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA: return judge_rsa(key);
        case EVP_PKEY_EC: return judge_ec(key);
        case EVP_PKEY_ED25519: return AlgorithmSet{Algorithm::eddsa, Algorithm::ed25519};
        case EVP_PKEY_ED448: return AlgorithmSet{Algorithm::eddsa, Algorithm::ed448};
        default: return JoseErrc::unsupported_key;
    }
}

}  // namespace junctor::jose
