// Tokens of an identity provider that is found by its issuer URL (OpenID Connect Discovery 1.0).

#include "policy/plugin.hpp"
#include "policy/tokens/discovery.hpp"
#include "policy/tokens/key_refresh_fields.hpp"
#include "policy/tokens/remote_fields.hpp"
#include "policy/tokens/remote_keys.hpp"
#include "policy/tokens/token_authenticator.hpp"
#include "policy/tokens/token_fields.hpp"

namespace junctor::authenticators::oidc {
namespace {

using config::Section;
using config::Type;

config::Schema fields() {
    config::Schema rules = claim_rule_fields();
    std::erase_if(rules, [](const config::Field& field) { return field.name == "issuer"; });
    return remote_fields("issuer", "The provider's issuer URL, exactly as it stands in 'iss'; its metadata says where the keys are.") +
           config::Schema{{.name = "algorithms",
                           .type = Type::text_list,
                           .doc = "Signature algorithms that count.",
                           .fallback = "[RS256, PS256, ES256, EdDSA]"}} +
           key_refresh_fields() + token_place_fields("[bearer]") + config::Schema{token_types_field()} + rules + claim_mapping_fields();
}

std::shared_ptr<Authenticator> make(const Section& entry, const PolicyParts& parts) {
    TokenAuthenticator::Settings settings;
    settings.rules = {token_algorithms(entry), claim_rules(entry), claim_mapping(entry)};
    settings.rules.claims.types = token_types(entry);
    refuse_secret_algorithms(entry, settings.rules.algorithms);
    settings.places = token_places(entry);
    const std::string& issuer = entry.text("issuer");
    OutboundRequest request = remote_request(entry, "issuer", DiscoveringKeyFetcher::metadata_url(issuer), parts);
    auto fetcher = std::make_unique<DiscoveringKeyFetcher>(*parts.outbound, std::move(request), issuer);
    settings.keys = std::make_shared<RemoteKeys>("issuer " + issuer, key_ring_terms(entry), std::move(fetcher), parts);
    return std::make_shared<TokenAuthenticator>(std::move(settings), parts);
}

}  // namespace

AuthenticatorDescriptor descriptor() {
    return {.name = "oidc",
            .summary = "Takes tokens (JWT) of an OpenID provider, which is found by its issuer URL.",
            .fields = fields(),
            .whom = [](const Section&) { return "holders of a token"; },
            .make = make};
}

}  // namespace junctor::authenticators::oidc
