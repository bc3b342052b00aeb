#pragma once

#include "core/config/schema.hpp"
#include "policy/tokens/key_ring.hpp"

namespace junctor {

/// When a provider's keys are fetched, in the entry of whoever uses them.
config::Schema key_refresh_fields();
/// Throws ConfigError where a value makes no sense.
KeyRing::Terms key_ring_terms(const config::Section& entry);

}  // namespace junctor
