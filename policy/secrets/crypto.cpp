#include "policy/secrets/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>

#include "core/base/base64.hpp"

namespace junctor {
namespace {

const EVP_MD* method(Digest digest) noexcept { return digest == Digest::sha256 ? EVP_sha256() : EVP_sha512(); }

}  // namespace

std::size_t digest_size(Digest digest) noexcept { return digest == Digest::sha256 ? 32 : 64; }

ByteBuffer hash(Digest digest, Bytes data) {
    ByteBuffer made(digest_size(digest));
    if (EVP_Digest(data.data(), data.size(), made.data(), nullptr, method(digest), nullptr) != 1) made.clear();
    return made;
}

ByteBuffer hmac(Digest digest, Bytes key, Bytes data) {
    ByteBuffer made(digest_size(digest));
    if (!HMAC(method(digest), key.data(), static_cast<int>(key.size()), data.data(), data.size(), made.data(), nullptr)) made.clear();
    return made;
}

ByteBuffer pbkdf2(Digest digest, std::string_view password, Bytes salt, std::uint32_t iterations) {
    ByteBuffer made(digest_size(digest));
    const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(), static_cast<int>(salt.size()),
                                       static_cast<int>(iterations), method(digest), static_cast<int>(made.size()), made.data());
    if (done != 1) made.clear();
    return made;
}

bool equal_in_constant_time(Bytes one, Bytes other) noexcept {
    return !one.empty() && one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

ByteBuffer random_bytes(std::size_t size) {
    ByteBuffer made(size);
    // Without randomness nothing here is safe.
    if (RAND_bytes(made.data(), static_cast<int>(size)) != 1) std::abort();
    return made;
}

void wipe(std::string& secret) noexcept {
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

void wipe(ByteBuffer& secret) noexcept {
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

std::string to_base64(Bytes bytes) {
    ByteBuffer text;
    append_base64(text, bytes);
    return std::string(as_text(text));
}

}  // namespace junctor
