#pragma once

#include "gateway/configuration.hpp"
#include "policy/policy.hpp"

namespace junctor {

/// The policy as configured; the default one where nothing is written.
PolicyPtr assemble_policy(const Configuration& configuration);

/// In a few words, for the table at start: who gets in at an address with this encryption.
std::string who_may_connect(const Configuration& configuration, const Address& address, const std::optional<TlsSettings>& tls);

}  // namespace junctor
