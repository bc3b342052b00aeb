#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "policy/jose/algorithm.hpp"
#include "policy/jose/openssl_ptr.hpp"

namespace junctor::test {

std::string base64url(std::string_view bytes);

/// A key pair, or a secret, that signs tokens as an identity provider would.
class TokenMint {
public:
    static TokenMint rsa(unsigned bits = 2'048);
    static TokenMint ec(const char* curve = "P-256");
    static TokenMint okp(const char* curve = "ED25519");
    static TokenMint secret(std::string bytes);

    /// The public half as a JWK, or the secret as one.
    nlohmann::json jwk(const std::string& kid = {}) const;
    std::string pem() const;

    /// `alg` is added to a header that has none.
    std::string token(jose::Algorithm algorithm, nlohmann::json header, const nlohmann::json& claims) const;
    /// Signs header and payload as they stand.
    std::string signed_text(jose::Algorithm algorithm, std::string_view header, std::string_view payload) const;
    std::string signature(jose::Algorithm algorithm, std::string_view input) const;

private:
    TokenMint() = default;

    jose::OpenSslPtr<EVP_PKEY> key_;
    std::string secret_;
};

}  // namespace junctor::test
