#include "policy/jose/signature.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>
#include <optional>

#include "policy/jose/openssl_ptr.hpp"

namespace junctor::jose {
namespace {

/// DER of r and s, which JWS writes side by side, each as long as the curve's order.
std::optional<ByteBuffer> der_of_ecdsa(EVP_PKEY* key, Bytes signature) noexcept {
    const std::size_t half = (static_cast<std::size_t>(EVP_PKEY_get_bits(key)) + 7) / 8;
    if (signature.size() != 2 * half) return std::nullopt;
    OpenSslPtr<BIGNUM> r(BN_bin2bn(signature.data(), static_cast<int>(half), nullptr));
    OpenSslPtr<BIGNUM> s(BN_bin2bn(signature.data() + half, static_cast<int>(half), nullptr));
    const OpenSslPtr<ECDSA_SIG> pair(ECDSA_SIG_new());
    // Zero and values beyond the order are OpenSSL's to refuse; zero is refused here too ("psychic signatures", CVE-2022-21449).
    if (!r || !s || !pair || BN_is_zero(r.get()) || BN_is_zero(s.get())) return std::nullopt;
    if (ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return std::nullopt;
    r.release();
    s.release();
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) return std::nullopt;
    ByteBuffer bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

/// The salt is as long as the hash (RFC 7518 section 3.5).
bool use_pss(EVP_PKEY_CTX* context) noexcept {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool openssl_verifies(Algorithm algorithm, EVP_PKEY* key, std::string_view input, Bytes signature) noexcept {
    const OpenSslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* how = nullptr;  // the context's
    if (!context || EVP_DigestVerifyInit_ex(context.get(), &how, digest_of(algorithm), nullptr, nullptr, key, nullptr) != 1) return false;
    if (family_of(algorithm) == Family::rsa_pss && !use_pss(how)) return false;
    const Bytes bytes = as_bytes(input);
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(), bytes.size()) == 1;
}

}  // namespace

bool mac_fits(Algorithm algorithm, Bytes secret, std::string_view input, Bytes mac) noexcept {
    const std::size_t size = digest_size_of(algorithm);
    if (family_of(algorithm) != Family::hmac || mac.size() != size) return false;
    std::array<unsigned char, EVP_MAX_MD_SIZE> expected{};
    std::size_t written = 0;
    const Bytes bytes = as_bytes(input);
    const bool made = EVP_Q_mac(nullptr, "HMAC", nullptr, digest_of(algorithm), nullptr, secret.data(), secret.size(), bytes.data(),
                                bytes.size(), expected.data(), expected.size(), &written) != nullptr;
    return made && written == size && CRYPTO_memcmp(expected.data(), mac.data(), size) == 0;
}

bool signature_fits(Algorithm algorithm, EVP_PKEY* key, std::string_view input, Bytes signature) noexcept {
    bool fits = false;
    switch (family_of(algorithm)) {
        case Family::hmac: return false;
        case Family::rsa_pkcs1:
        case Family::rsa_pss:
            fits = signature.size() == static_cast<std::size_t>(EVP_PKEY_get_size(key)) && openssl_verifies(algorithm, key, input, signature);
            break;
        case Family::ecdsa:
            if (const std::optional<ByteBuffer> der = der_of_ecdsa(key, signature)) fits = openssl_verifies(algorithm, key, input, *der);
            break;
        case Family::eddsa: fits = openssl_verifies(algorithm, key, input, signature); break;
    }
    ERR_clear_error();
    return fits;
}

}  // namespace junctor::jose
