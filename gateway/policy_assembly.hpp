#pragma once

#include "gateway/configuration.hpp"
#include "policy/policy.hpp"
#include "policy/policy_parts.hpp"

namespace junctor {

class SetupProblems;

/// The policy as configured; the default one where nothing is written. Of `parts` only what the gateway lends is looked at: clock,
/// post, metrics; `changed` is called when the policy's epoch has moved, on any thread. Of no use with `problems`.
PolicyPtr assemble_policy(const Configuration& configuration, PolicyParts parts, SetupProblems& problems);
/// The same; throws config::ConfigError with everything that is wrong.
PolicyPtr assemble_policy(const Configuration& configuration, PolicyParts parts);

/// In a few words, for the table at start: who gets in at an address with this encryption, by these authenticators (none: all).
std::string who_may_connect(const Configuration& configuration, const std::optional<std::vector<std::string>>& chain, const Address& address,
                            const std::optional<TlsSettings>& tls);

}  // namespace junctor
