// Tokens of an issuer whose keys the configuration holds, or whose URL it names.

#include "core/base/setup_error.hpp"
#include "core/config/problems.hpp"
#include "policy/plugin.hpp"
#include "policy/tokens/file_keys.hpp"
#include "policy/tokens/key_refresh_fields.hpp"
#include "policy/tokens/remote_fields.hpp"
#include "policy/tokens/remote_keys.hpp"
#include "policy/tokens/token_authenticator.hpp"
#include "policy/tokens/token_fields.hpp"

namespace junctor::authenticators::jwt {
namespace {

using config::Section;
using config::Type;

config::Schema key_fields() {
    return config::Schema{{.name = "algorithms",
             .type = Type::text_list,
             .doc = "Signature algorithms that count: RS256, PS256, ES256, EdDSA, HS256, ...; never all that there are.",
             .example = "[RS256, ES256]",
             .required = true},
            {.name = "public_key", .type = Type::path, .doc = "The issuer's public key or certificate, PEM; a change is noticed by itself."},
            {.name = "secret",
             .type = Type::secret,
             .doc = "The secret that issuer and gateway share, for HS algorithms: 32 bytes or more. Of a file, a change is noticed by itself.",
             .example = "{file: token.secret}"},
            {.name = "jwks", .type = Type::path, .doc = "A JSON Web Key Set with the issuer's keys; a change is noticed by itself."}} +
           remote_fields("jwks_url", "Where the issuer publishes its keys.", false) + key_refresh_fields();
}

jose::KeySet secret(const Section& entry) {
    const Result<jose::VerificationKey> key = jose::VerificationKey::from_secret(as_bytes(entry.text("secret")));
    if (!key) refuse_field(entry, "secret", "cannot be used: " + key.error().message());
    return jose::KeySet({*key});
}

std::shared_ptr<KeySource> keys_here(const Section& entry, const jose::AlgorithmSet& algorithms) {
    const bool shared = entry.has("secret");
    if (shared && entry.file("secret").empty()) return std::make_shared<FixedKeys>(secret(entry));
    const bool pem = entry.has("public_key");
    const char* field = shared ? "secret" : pem ? "public_key" : "jwks";
    const FileKeys::Form form = shared ? FileKeys::Form::secret : pem ? FileKeys::Form::pem : FileKeys::Form::jwks;
    try {
        return std::make_shared<FileKeys>(shared ? entry.file(field) : entry.text(field), form, algorithms);
    } catch (const SetupError& error) {
        refuse_field(entry, field, error.what());
    }
}

std::shared_ptr<KeySource> key_source(const Section& entry, const PolicyParts& parts, const jose::AlgorithmSet& algorithms) {
    const int given = entry.has("public_key") + entry.has("secret") + entry.has("jwks") + entry.has("jwks_url");
    if (given != 1) throw config::ConfigError({entry.where() + ": a jwt has one of 'public_key', 'secret', 'jwks' and 'jwks_url'"});
    if (!entry.has("jwks_url")) {
        std::shared_ptr<KeySource> source = keys_here(entry, algorithms);
        // A mistake that would otherwise show as refused clients.
        if (!FileKeys::of_use(*source->keys(), algorithms)) refuse_field(entry, "algorithms", "holds none that the key can do");
        return source;
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
