#pragma once

#include <cstdint>

#include "core/base/result.hpp"

namespace junctor::jose {

/// Why a token or a key is not taken. For operators: a client hears the same constant words whatever the reason.
enum class JoseErrc : std::uint8_t {
    ok = 0,
    malformed,             ///< not a compact JWS, not strict base64url, not strict JSON, or over a size limit
    bad_header,            ///< a header parameter of the wrong type, one that names a key of its own, or `crit`
    algorithm_not_offered, ///< an algorithm that is unknown here, `none`, or not in the configured list
    no_key,                ///< no key of that id takes that algorithm
    bad_signature,         ///< the signature is not the key's
    bad_key,               ///< not a JWK or PEM public key, or a private one
    weak_key,              ///< an RSA or HMAC key that is too short, or one of a known weakness
    key_not_for_signatures,///< `use` or `key_ops` say that it is for something else
    unsupported_key,       ///< a kind or curve that no offered algorithm uses
    ambiguous_key,         ///< two keys of one id take the same algorithm
    mixed_keys,            ///< secrets beside public keys, or a secret where only public keys belong
};

const boost::system::error_category& jose_category() noexcept;
inline ErrorCode make_error_code(JoseErrc code) noexcept { return {static_cast<int>(code), jose_category()}; }

}  // namespace junctor::jose

template <>
struct boost::system::is_error_code_enum<junctor::jose::JoseErrc> : std::true_type {};
