#include "policy/tokens/secret_digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace junctor {
namespace {

using Key = std::array<unsigned char, 32>;

const Key& process_key() {
    static const Key key = [] {
        Key drawn{};
        if (RAND_bytes(drawn.data(), static_cast<int>(drawn.size())) != 1) std::abort();
        return drawn;
    }();
    return key;
}

}  // namespace

SecretDigest SecretDigest::of(std::initializer_list<std::string_view> texts) {
    std::string joined;
    for (const std::string_view text : texts) {
        const std::uint64_t size = text.size();
        joined.append(reinterpret_cast<const char*>(&size), sizeof size);
        joined.append(text);
    }
    SecretDigest digest;
    std::size_t written = 0;
    const void* made = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, process_key().data(), process_key().size(),
                                 reinterpret_cast<const unsigned char*>(joined.data()), joined.size(), digest.bytes_.data(),
                                 digest.bytes_.size(), &written);
    OPENSSL_cleanse(joined.data(), joined.size());
    if (!made || written != digest.bytes_.size()) std::abort();  // a digest that is always the same would let anybody in
    return digest;
}

std::size_t SecretDigest::hash() const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, bytes_.data(), sizeof value);
    return value;
}

}  // namespace junctor
