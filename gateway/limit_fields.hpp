#pragma once

#include "core/config/schema.hpp"
#include "core/model/limits.hpp"

namespace junctor {

/// The declaration of every limit, with the defaults that `Limits` has.
config::Schema limit_fields();

/// The limits as configured.
Limits read_limits(const config::Section& section);

}  // namespace junctor
