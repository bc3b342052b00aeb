#include "policy/secrets/curve_key.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <new>

#include "core/base/z85.hpp"

namespace junctor {
namespace {

constexpr std::size_t key_size = 32;

}  // namespace

CurveKey CurveKey::make() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"), &EVP_PKEY_free);
    std::array<std::uint8_t, key_size> secret{}, open{};
    std::size_t secret_size = secret.size(), open_size = open.size();
    if (!pair || EVP_PKEY_get_raw_private_key(pair.get(), secret.data(), &secret_size) != 1 ||
        EVP_PKEY_get_raw_public_key(pair.get(), open.data(), &open_size) != 1)
        throw std::bad_alloc();
    return {to_z85(secret), to_z85(open)};
}

}  // namespace junctor
