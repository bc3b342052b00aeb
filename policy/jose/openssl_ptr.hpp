#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>

namespace junctor::jose {

/// Frees what OpenSSL allocated.
struct OpenSslFree {
    void operator()(BIGNUM* of) const noexcept { BN_free(of); }
    void operator()(BIO* of) const noexcept { BIO_free(of); }
    void operator()(ECDSA_SIG* of) const noexcept { ECDSA_SIG_free(of); }
    void operator()(EVP_MD_CTX* of) const noexcept { EVP_MD_CTX_free(of); }
    void operator()(EVP_PKEY* of) const noexcept { EVP_PKEY_free(of); }
    void operator()(EVP_PKEY_CTX* of) const noexcept { EVP_PKEY_CTX_free(of); }
    void operator()(OSSL_PARAM* of) const noexcept { OSSL_PARAM_free(of); }
    void operator()(OSSL_PARAM_BLD* of) const noexcept { OSSL_PARAM_BLD_free(of); }
    void operator()(X509* of) const noexcept { X509_free(of); }
};

template <class T>
using OpenSslPtr = std::unique_ptr<T, OpenSslFree>;

}  // namespace junctor::jose
