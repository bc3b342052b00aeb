#include "policy/jose/algorithm.hpp"

#include <array>

namespace junctor::jose {
namespace {

struct Row {
    std::string_view name;
    Family family;
    const char* digest;
    std::size_t digest_size;
};

constexpr std::array<Row, algorithm_count> rows{{
    {"HS256", Family::hmac, "SHA256", 32},
    {"HS384", Family::hmac, "SHA384", 48},
    {"HS512", Family::hmac, "SHA512", 64},
    {"RS256", Family::rsa_pkcs1, "SHA256", 32},
    {"RS384", Family::rsa_pkcs1, "SHA384", 48},
    {"RS512", Family::rsa_pkcs1, "SHA512", 64},
    {"PS256", Family::rsa_pss, "SHA256", 32},
    {"PS384", Family::rsa_pss, "SHA384", 48},
    {"PS512", Family::rsa_pss, "SHA512", 64},
    {"ES256", Family::ecdsa, "SHA256", 32},
    {"ES384", Family::ecdsa, "SHA384", 48},
    {"ES512", Family::ecdsa, "SHA512", 64},
    {"EdDSA", Family::eddsa, nullptr, 0},
    {"Ed25519", Family::eddsa, nullptr, 0},
    {"Ed448", Family::eddsa, nullptr, 0},
}};

const Row& row(Algorithm algorithm) noexcept { return rows[static_cast<std::size_t>(algorithm)]; }

}  // namespace

std::string_view to_string(Algorithm algorithm) noexcept { return row(algorithm).name; }

std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept {
    for (std::size_t index = 0; index < rows.size(); ++index)
        if (rows[index].name == name) return static_cast<Algorithm>(index);
    return std::nullopt;
}

Family family_of(Algorithm algorithm) noexcept { return row(algorithm).family; }

const char* digest_of(Algorithm algorithm) noexcept { return row(algorithm).digest; }

std::size_t digest_size_of(Algorithm algorithm) noexcept { return row(algorithm).digest_size; }

}  // namespace junctor::jose
