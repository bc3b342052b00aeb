#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/result.hpp"
#include "policy/jose/algorithm.hpp"
#include "policy/jose/openssl_ptr.hpp"

namespace junctor::jose {

/// The RSA, EC or OKP public key of a JWK as it stands, not yet judged.
Result<OpenSslPtr<EVP_PKEY>> read_jwk(const nlohmann::json& jwk);
/// The key of a PEM public key or certificate, not yet judged.
Result<OpenSslPtr<EVP_PKEY>> read_pem(std::string_view pem);

/// The algorithms that a key of this kind, curve and size may verify. JoseErrc::weak_key, unsupported_key, bad_key: none.
Result<AlgorithmSet> judge_public_key(EVP_PKEY* key);

}  // namespace junctor::jose
