#include "policy/tokens/token_rules.hpp"

#include "policy/jose/jose_errc.hpp"
#include "policy/jose/strict_json.hpp"
#include "policy/revocations.hpp"
#include "policy/tokens/claims.hpp"

namespace junctor {

Result<PlausibleToken> read_token(std::string_view text, const TokenRules& rules, WallTime now) {
    Result<jose::CompactToken> token = jose::parse_compact_token(text);
    if (!token) return token.error();
    if (!rules.algorithms.contains(token->algorithm)) return jose::JoseErrc::algorithm_not_offered;
    Result<nlohmann::json> claims = jose::parse_strict_object(as_text(token->payload), jose::token_json);
    if (!claims) return claims.error();
    if (const Result<void> checked = rules.claims.check(*claims, token->type, now); !checked) return checked.error();
    return PlausibleToken{std::move(*token), std::move(*claims)};
}

std::unique_ptr<const TokenMark> token_mark(const nlohmann::json& claims, std::optional<WallTime> otherwise) {
    auto mark = std::make_unique<TokenMark>();
    // A longer id cannot be revoked, and is not kept.
    if (const std::string* id = jose::string_member(claims, "jti"); id && id->size() <= Revocations::longest_text) mark->id = *id;
    const Result<std::optional<WallTime>> issued = claim_time(claims, "iat");
    mark->issued_at = issued && *issued ? *issued : otherwise;
    return mark;
}

Result<Ref<Principal>> principal_of(const nlohmann::json& claims, const TokenRules& rules, const ClaimMapping::MakePrincipal& make) {
    Result<Ref<Principal>> principal = rules.mapping.principal(claims, make);
    if (!principal) return principal;
    const Result<std::optional<WallTime>> expiry = claim_time(claims, "exp");
    if (!expiry) return expiry.error();
    // The skew counts here too: a token that is taken within it is not over at once.
    if (*expiry) (*principal)->expires_at = **expiry + std::chrono::duration_cast<std::chrono::milliseconds>(rules.claims.clock_skew);
    (*principal)->token = token_mark(claims);
    return principal;
}

}  // namespace junctor
