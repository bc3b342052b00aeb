#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "policy/jose/algorithm.hpp"

struct evp_pkey_st;

namespace junctor::jose {

/// One key that signatures are verified with, and the algorithms that it is bound to: a key's kind and curve decide them, and `alg`
/// of a JWK narrows them to one. Immutable; cheap to copy; verifies on several cores at once.
class VerificationKey {
public:
    static constexpr int least_rsa_bits = 2'048;
    static constexpr int most_rsa_bits = 8'192;
    static constexpr std::size_t longest_secret = 1'024;

    /// A JSON Web Key (RFC 7517): RSA, EC (P-256, P-384, P-521), OKP (Ed25519, Ed448) or oct. A private one is refused: it does
    /// not belong here.
    static Result<VerificationKey> from_jwk(const nlohmann::json& jwk);
    /// A public key or a certificate in PEM. The certificate's signature and dates are not looked at: it stands in for its key.
    static Result<VerificationKey> from_pem(std::string_view pem);
    /// A shared secret for the HS algorithms whose hash is no longer than it (RFC 7518 section 3.2).
    static Result<VerificationKey> from_secret(Bytes secret);

    const std::string& id() const noexcept { return id_; }
    const AlgorithmSet& algorithms() const noexcept { return algorithms_; }
    bool secret() const noexcept { return !secret_.empty(); }

    /// Whether `signature` over `input` is this key's. False for an algorithm that the key is not bound to.
    bool verifies(Algorithm algorithm, std::string_view input, Bytes signature) const noexcept;

private:
    VerificationKey() = default;
    static Result<VerificationKey> from_public_key(std::shared_ptr<evp_pkey_st> key);

    std::string id_;
    AlgorithmSet algorithms_;
    std::shared_ptr<evp_pkey_st> public_key_;  ///< null: a secret
    ByteBuffer secret_;
};

}  // namespace junctor::jose
