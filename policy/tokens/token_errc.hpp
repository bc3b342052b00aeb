#pragma once

#include <cstdint>

#include "core/base/result.hpp"

namespace junctor {

/// Why what a token says does not count. For operators' logs and metrics; clients hear the same words whatever it is.
enum class TokenErrc : std::uint8_t {
    ok = 0,
    bad_claim,         ///< a claim of the wrong type, or a time that is no whole number of seconds
    expired,
    not_yet_valid,     ///< `nbf` or `iat` lies in the future
    wrong_issuer,
    wrong_audience,
    wrong_type,        ///< made for something else: an ID token, a logout token, ...
    missing_claim,     ///< a required claim is not there, or says something else
    no_principal,      ///< it names nobody, or nobody that can be one
    unknown_tenant,
    inactive,          ///< the provider says that it does not count (any more)
    keys_unavailable,  ///< the provider's keys are not known, or too old
    provider_unavailable,
};

const boost::system::error_category& token_category() noexcept;
inline ErrorCode make_error_code(TokenErrc code) noexcept { return {static_cast<int>(code), token_category()}; }

}  // namespace junctor

template <>
struct boost::system::is_error_code_enum<junctor::TokenErrc> : std::true_type {};
