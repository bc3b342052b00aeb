#include "policy/jose/verification_key.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/base64.hpp"
#include "policy/jose/jose_errc.hpp"
#include "policy/jose/public_key.hpp"
#include "policy/jose/signature.hpp"
#include "policy/jose/strict_json.hpp"

namespace junctor::jose {
namespace {

/// RFC 7517 sections 4.2 and 4.3.
bool for_verifying(const nlohmann::json& jwk) {
    if (jwk.contains("use") && jwk["use"] != "sig") return false;
    if (!jwk.contains("key_ops")) return true;
    const nlohmann::json& operations = jwk["key_ops"];
    if (!operations.is_array()) return false;
    for (const nlohmann::json& operation : operations)
        if (operation == "verify") return true;
    return false;
}

/// What `alg` leaves of the algorithms that the key can do; all of them where it is absent.
Result<AlgorithmSet> narrowed(const nlohmann::json& jwk, const AlgorithmSet& possible) {
    if (!jwk.contains("alg")) return possible;
    const std::string* name = string_member(jwk, "alg");
    if (!name) return JoseErrc::bad_key;
    // RFC 7520 was followed by keys that call ES512 after its curve, P-521; no other algorithm is meant by it.
    const std::optional<Algorithm> algorithm = parse_algorithm(*name == "ES521" ? "ES512" : *name);
    if (!algorithm) return JoseErrc::unsupported_key;
    const AlgorithmSet left = possible & AlgorithmSet{*algorithm};
    if (left.empty()) return JoseErrc::bad_key;
    return left;
}

Result<VerificationKey> secret_of(const nlohmann::json& jwk) {
    const std::string* text = string_member(jwk, "k");
    ByteBuffer secret;
    if (!text || text->size() > VerificationKey::longest_secret * 4 / 3 + 4 || !append_from_base64url(secret, *text))
        return JoseErrc::bad_key;
    return VerificationKey::from_secret(secret);
}

}  // namespace

Result<VerificationKey> VerificationKey::from_jwk(const nlohmann::json& jwk) {
    if (!jwk.is_object()) return JoseErrc::bad_key;
    if (!for_verifying(jwk)) return JoseErrc::key_not_for_signatures;
    Result<VerificationKey> key = JoseErrc::bad_key;
    if (const std::string* kind = string_member(jwk, "kty"); kind && *kind == "oct") {
        key = secret_of(jwk);
    } else {
        Result<OpenSslPtr<EVP_PKEY>> read = read_jwk(jwk);
        if (!read) return read.error();
        key = from_public_key(std::shared_ptr<EVP_PKEY>(std::move(*read)));
    }
    if (!key) return key;
    const Result<AlgorithmSet> left = narrowed(jwk, key->algorithms_);
    if (!left) return left.error();
    key->algorithms_ = *left;
    if (const std::string* id = string_member(jwk, "kid")) key->id_ = *id;
    return key;
}

Result<VerificationKey> VerificationKey::from_pem(std::string_view pem) {
    Result<OpenSslPtr<EVP_PKEY>> read = read_pem(pem);
    if (!read) return read.error();
    return from_public_key(std::shared_ptr<EVP_PKEY>(std::move(*read)));
}

Result<VerificationKey> VerificationKey::from_public_key(std::shared_ptr<EVP_PKEY> public_key) {
    const Result<AlgorithmSet> algorithms = judge_public_key(public_key.get());
    if (!algorithms) return algorithms.error();
    VerificationKey key;
    key.public_key_ = std::move(public_key);
    key.algorithms_ = *algorithms;
    return key;
}

Result<VerificationKey> VerificationKey::from_secret(Bytes secret) {
    if (secret.size() > longest_secret) return JoseErrc::bad_key;
    VerificationKey key;
    for (const Algorithm algorithm : {Algorithm::hs256, Algorithm::hs384, Algorithm::hs512})
        if (secret.size() >= digest_size_of(algorithm)) key.algorithms_.add(algorithm);
    if (key.algorithms_.empty()) return JoseErrc::weak_key;
    key.secret_.assign(secret.begin(), secret.end());
    return key;
}

bool VerificationKey::verifies(Algorithm algorithm, std::string_view input, Bytes signature) const noexcept {
    if (!algorithms_.contains(algorithm)) return false;
    return secret() ? mac_fits(algorithm, secret_, input, signature) : signature_fits(algorithm, public_key_.get(), input, signature);
}

}  // namespace junctor::jose
