#pragma once

#include <string_view>

#include "core/base/bytes.hpp"
#include "policy/jose/algorithm.hpp"

struct evp_pkey_st;

namespace junctor::jose {

/// Whether `mac` is the HMAC of `input` under `secret`; compared in constant time. Only for an HS algorithm.
bool mac_fits(Algorithm algorithm, Bytes secret, std::string_view input, Bytes mac) noexcept;

/// Whether `signature` over `input` is that of `key`, in the form of RFC 7518 sections 3.3 to 3.5 and RFC 8037: RSA signatures as
/// long as the modulus, ECDSA ones as r and s of full size. The caller has bound key and algorithm.
bool signature_fits(Algorithm algorithm, evp_pkey_st* key, std::string_view input, Bytes signature) noexcept;

}  // namespace junctor::jose
