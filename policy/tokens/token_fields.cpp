#include "policy/tokens/token_fields.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/config/nearest_name.hpp"
#include "core/config/problems.hpp"

namespace junctor {
namespace {

using config::Schema;
using config::Section;
using config::Type;

std::vector<std::string> algorithm_names() {
    std::vector<std::string> names;
    for (std::size_t index = 0; index < jose::algorithm_count; ++index) names.emplace_back(to_string(static_cast<jose::Algorithm>(index)));
    return names;
}

/// `[none]` is how somebody says in so many words that anything will do.
std::vector<std::string> named_or_none(const Section& entry, std::string_view field) {
    const std::vector<std::string>& written = entry.texts(field);
    if (written.empty()) refuse_field(entry, field, "is empty; [none] would say that anything will do");
    if (written == std::vector<std::string>{"none"}) return {};
    if (std::ranges::find(written, "none") != written.end() || std::ranges::find(written, "") != written.end())
        refuse_field(entry, field, "holds names, or 'none' alone");
    return written;
}

std::vector<RequiredClaim> required_claims(const Section& entry) {
    std::vector<RequiredClaim> claims;
    for (const std::string& text : entry.texts("required_claims")) {
        const std::size_t equals = text.find('=');
        claims.push_back({text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)});
        if (claims.back().name.empty()) refuse_field(entry, "required_claims", "holds claims like 'scope=mqtt' or 'email'");
    }
    return claims;
}

}  // namespace

void refuse_field(const Section& entry, std::string_view field, const std::string& sentence) {
    throw config::ConfigError({entry.where(field) + ": '" + std::string(field) + "' " + sentence});
}

Schema operator+(Schema first, Schema second) {
    std::ranges::move(second, std::back_inserter(first));
    return first;
}

Schema token_place_fields(const std::string& places) {
    return {{.name = "from",
             .type = Type::text_list,
             .doc = "Where clients put the token: bearer (HTTP, WebSocket), password (MQTT, ZeroMQ and whoever knows only user and password).",
             .fallback = places}};
}

config::Field token_types_field() {
    return {.name = "token_types",
            .type = Type::text_list,
            .doc = "Of which one must be the header's 'typ'; none: there is no 'typ'.",
            .fallback = "[at+jwt, JWT, none]"};
}

Schema claim_rule_fields() {
    return {{.name = "issuer",
             .type = Type::text,
             .doc = "Who must have issued it, exactly as it stands in 'iss'; none: anybody whose key fits.",
             .required = true},
            {.name = "audience", .type = Type::text_list, .doc = "Of whom one must stand in 'aud'; [none]: nobody need.", .required = true},
            {.name = "clock_skew", .type = Type::duration, .doc = "By how much the issuer's clock may differ, at most 60s.", .fallback = "60s"},
            {.name = "expiry",
             .type = Type::choice,
             .doc = "Whether a token without 'exp', which counts for ever, is taken.",
             .fallback = "required",
             .choices = {"required", "optional"}},
            {.name = "required_claims",
             .type = Type::text_list,
             .doc = "Claims that must be there, with a value where one follows: [email, scope=mqtt].",
             .fallback = "[]"}};
}

Schema claim_mapping_fields() {
    return {{.name = "name_claim", .type = Type::text, .doc = "The claim that names the principal.", .fallback = "sub"},
            {.name = "tenant_claim", .type = Type::text, .doc = "The claim that names the tenant, which must then be there."},
            {.name = "groups_claim", .type = Type::text, .doc = "The claim with the groups, a list or words; dots lead inside: realm_access.roles."},
            {.name = "attribute_claims", .type = Type::text_list, .doc = "Claims that rules may ask for.", .fallback = "[]"}};
}

TokenPlaces token_places(const Section& entry) {
    TokenPlaces places{.bearer = false, .password = false};
    for (const std::string& place : entry.texts("from")) {
        if (place == "bearer") places.bearer = true;
        else if (place == "password") places.password = true;
        else refuse_field(entry, "from", "cannot hold '" + place + "'" + config::suggestion(place, {"bearer", "password"}));
    }
    if (!places.bearer && !places.password) refuse_field(entry, "from", "is empty: no token would ever be found");
    return places;
}

std::vector<std::string> token_types(const Section& entry) {
    std::vector<std::string> found;
    for (std::string type : entry.texts("token_types")) {
        std::ranges::transform(type, type.begin(), ascii_lower);
        found.push_back(type == "none" ? "" : std::move(type));
    }
    if (found.empty()) refuse_field(entry, "token_types", "is empty: no token would do");
    return found;
}

ClaimRules claim_rules(const Section& entry) {
    ClaimRules rules;
    if (entry.text("issuer").empty()) refuse_field(entry, "issuer", "is empty; none would say that anybody will do");
    if (entry.text("issuer") != "none") rules.issuer = entry.text("issuer");
    rules.audiences = named_or_none(entry, "audience");
    rules.clock_skew = entry.duration("clock_skew");
    if (rules.clock_skew > ClaimRules::most_skew) refuse_field(entry, "clock_skew", "is at most 60s: clocks that differ by more need NTP");
    rules.must_expire = entry.text("expiry") == "required";
    rules.required = required_claims(entry);
    return rules;
}

ClaimMapping claim_mapping(const Section& entry) {
    ClaimMapping mapping;
    mapping.name = entry.text("name_claim");
    if (entry.has("tenant_claim")) mapping.tenant = entry.text("tenant_claim");
    if (entry.has("groups_claim")) mapping.groups = entry.text("groups_claim");
    mapping.attributes = entry.texts("attribute_claims");
    return mapping;
}

jose::AlgorithmSet token_algorithms(const Section& entry) {
    jose::AlgorithmSet algorithms;
    for (const std::string& name : entry.texts("algorithms")) {
        const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(name);
        if (!algorithm) refuse_field(entry, "algorithms", "cannot hold '" + name + "'" + config::suggestion(name, algorithm_names()));
        algorithms.add(*algorithm);
    }
    if (algorithms.empty()) refuse_field(entry, "algorithms", "is empty: no token would do");
    return algorithms;
}

void refuse_secret_algorithms(const Section& entry, const jose::AlgorithmSet& algorithms) {
    using jose::Algorithm;
    if (!(algorithms & jose::AlgorithmSet{Algorithm::hs256, Algorithm::hs384, Algorithm::hs512}).empty())
        refuse_field(entry, "algorithms", "holds an HS algorithm, whose key is a secret; published keys are none");
}

}  // namespace junctor
