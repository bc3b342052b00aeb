#pragma once

#include <nlohmann/json.hpp>

#include "policy/jose/compact_token.hpp"
#include "policy/tokens/claim_rules.hpp"

namespace junctor {

/// Everything that a signed token must be, apart from signed.
struct TokenRules {
    jose::AlgorithmSet algorithms;
    ClaimRules claims;
    ClaimMapping mapping;
};

/// A token that the rules take, if one of the issuer's keys signed it.
struct PlausibleToken {
    jose::CompactToken token;  ///< views the text that was read
    nlohmann::json claims;
};

/// Looks at everything that needs no key, so that what cannot be good makes nobody fetch keys. A JoseErrc or TokenErrc otherwise.
Result<PlausibleToken> read_token(std::string_view text, const TokenRules& rules, WallTime now);

/// What claims say of the token itself, for `Principal::token`. `otherwise`: when it counts as issued where they do not say so.
std::unique_ptr<const TokenMark> token_mark(const nlohmann::json& claims, std::optional<WallTime> otherwise = {});

/// Whom a verified token speaks of, and until when. A TokenErrc otherwise.
Result<Ref<Principal>> principal_of(const nlohmann::json& claims, const TokenRules& rules, const ClaimMapping::MakePrincipal& make);

}  // namespace junctor
