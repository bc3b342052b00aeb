#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/jose/compact_token.hpp"
#include "policy/jose/jose_errc.hpp"
#include "policy/jose/verification_key.hpp"

namespace junctor::jose {

/// The keys of one issuer. Immutable once made; shared between cores.
class KeySet {
public:
    static constexpr std::size_t most_keys = 64;
    /// A token without a key id is tried with at most so many keys.
    static constexpr std::size_t most_tries = 8;

    enum class Secrets : std::uint8_t {
        allowed,  ///< a file of the operator's
        refused,  ///< what came over the network: a secret that is published is none
    };

    explicit KeySet(std::vector<VerificationKey> keys) noexcept : keys_(std::move(keys)) {}

    /// A JSON Web Key Set (RFC 7517 section 5). Keys that cannot be used are left out, as that section asks, and counted; a set without
    /// any left, with secrets beside public keys, or with two keys of one id for one algorithm is refused.
    static Result<KeySet> parse(std::string_view json, Secrets secrets);

    /// JoseErrc::ok: a key with the token's id and algorithm made the signature. no_key: none has them, which a newer set may change.
    JoseErrc verify(const CompactToken& token) const noexcept;

    std::size_t size() const noexcept { return keys_.size(); }
    std::size_t left_out() const noexcept { return left_out_; }
    const std::vector<VerificationKey>& keys() const noexcept { return keys_; }

private:
    Result<void> add(VerificationKey key);

    std::vector<VerificationKey> keys_;
    std::size_t left_out_ = 0;
};

using KeySetPtr = std::shared_ptr<const KeySet>;

}  // namespace junctor::jose
