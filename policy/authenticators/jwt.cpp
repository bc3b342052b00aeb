// Tokens of an issuer whose keys the configuration holds, or whose URL it names.

#include "core/config/file_text.hpp"
#include "core/config/problems.hpp"
#include "policy/plugin.hpp"
#include "policy/tokens/key_refresh_fields.hpp"
#include "policy/tokens/remote_fields.hpp"
#include "policy/tokens/remote_keys.hpp"
#include "policy/tokens/token_authenticator.hpp"
#include "policy/tokens/token_fields.hpp"

namespace junctor::authenticators::jwt {
namespace {

using config::Section;
using config::Type;

constexpr std::size_t most_key_bytes = 256 << 10;

config::Schema key_fields() {
    return config::Schema{{.name = "algorithms",
             .type = Type::text_list,
             .doc = "Signature algorithms that count: RS256, PS256, ES256, EdDSA, HS256, ...; never all that there are.",
             .example = "[RS256, ES256]",
             .required = true},
            {.name = "public_key", .type = Type::path, .doc = "The issuer's public key or certificate, PEM."},
            {.name = "secret",
             .type = Type::secret,
             .doc = "The secret that issuer and gateway share, for HS algorithms: 32 bytes or more.",
             .example = "{file: token.secret}"},
            {.name = "jwks", .type = Type::path, .doc = "A JSON Web Key Set with the issuer's keys."}} +
           remote_fields("jwks_url", "Where the issuer publishes its keys.", false) + key_refresh_fields();
}

std::string read(const Section& entry, const char* field) {
    config::FileText file = config::read_file(entry.text(field), most_key_bytes);
    if (!file.problem.empty()) refuse_field(entry, field, "names a file that " + file.problem);
    return std::move(file.text);
}

jose::KeySet single(const Section& entry, const char* field, const Result<jose::VerificationKey>& key) {
    if (!key) refuse_field(entry, field, "cannot be used: " + key.error().message());
    return jose::KeySet({*key});
}

jose::KeySet keys(const Section& entry) {
    if (entry.has("secret")) return single(entry, "secret", jose::VerificationKey::from_secret(as_bytes(entry.text("secret"))));
    if (entry.has("public_key")) return single(entry, "public_key", jose::VerificationKey::from_pem(read(entry, "public_key")));
    Result<jose::KeySet> set = jose::KeySet::parse(read(entry, "jwks"), jose::KeySet::Secrets::allowed);
    if (!set) refuse_field(entry, "jwks", "cannot be used: " + set.error().message());
    return std::move(*set);
}

/// An algorithm that no key can do is a mistake that would otherwise show as refused clients.
void require_use(const Section& entry, const jose::KeySet& set, const jose::AlgorithmSet& algorithms) {
    for (const jose::VerificationKey& key : set.keys())
        if (!(key.algorithms() & algorithms).empty()) return;
    refuse_field(entry, "algorithms", "holds none that the key can do");
}

std::shared_ptr<KeySource> key_source(const Section& entry, const PolicyParts& parts, const jose::AlgorithmSet& algorithms) {
    const int given = entry.has("public_key") + entry.has("secret") + entry.has("jwks") + entry.has("jwks_url");
    if (given != 1) throw config::ConfigError({entry.where() + ": a jwt has one of 'public_key', 'secret', 'jwks' and 'jwks_url'"});
    if (!entry.has("jwks_url")) {
        jose::KeySet set = keys(entry);
        require_use(entry, set, algorithms);
        return std::make_shared<FixedKeys>(std::move(set));
    }
    refuse_secret_algorithms(entry, algorithms);
    const std::string& url = entry.text("jwks_url");
    auto fetcher = std::make_unique<UrlKeyFetcher>(*parts.outbound, remote_request(entry, "jwks_url", url, parts));
    return std::make_shared<RemoteKeys>("keys " + url, key_ring_terms(entry), std::move(fetcher), parts);
}

std::shared_ptr<Authenticator> make(const Section& entry, const PolicyParts& parts) {
    TokenAuthenticator::Settings settings;
    settings.rules = {token_algorithms(entry), claim_rules(entry), claim_mapping(entry)};
    settings.rules.claims.types = token_types(entry);
    settings.places = token_places(entry);
    settings.keys = key_source(entry, parts, settings.rules.algorithms);
    return std::make_shared<TokenAuthenticator>(std::move(settings), parts);
}

}  // namespace

AuthenticatorDescriptor descriptor() {
    return {.name = "jwt",
            .summary = "Takes tokens (JWT) that an issuer signed whose keys are at hand or at a URL.",
            .fields = key_fields() + token_place_fields("[bearer]") + config::Schema{token_types_field()} + claim_rule_fields() +
                      claim_mapping_fields(),
            .whom = [](const Section&) { return "holders of a token"; },
            .make = make};
}

}  // namespace junctor::authenticators::jwt
