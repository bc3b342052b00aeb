#pragma once

#include "core/config/schema.hpp"
#include "policy/tokens/shown_token.hpp"
#include "policy/tokens/token_rules.hpp"

namespace junctor {

/// What every authenticator that takes tokens has in its entry, and what it says.
/// `places`: where a token is looked for, as a list in YAML flow style.
config::Schema token_place_fields(const std::string& places);
config::Field token_types_field();
config::Schema claim_rule_fields();
config::Schema claim_mapping_fields();

// All of these throw ConfigError where a value makes no sense.
TokenPlaces token_places(const config::Section& entry);
std::vector<std::string> token_types(const config::Section& entry);
/// Without `types`.
ClaimRules claim_rules(const config::Section& entry);
ClaimMapping claim_mapping(const config::Section& entry);
/// Of the field `algorithms`.
jose::AlgorithmSet token_algorithms(const config::Section& entry);

/// Where keys are published: a secret among them would be none.
void refuse_secret_algorithms(const config::Section& entry, const jose::AlgorithmSet& algorithms);

/// Throws ConfigError: the sentence, at that field of the entry.
[[noreturn]] void refuse_field(const config::Section& entry, std::string_view field, const std::string& sentence);

/// Appends fields to fields.
config::Schema operator+(config::Schema first, config::Schema second);

}  // namespace junctor
