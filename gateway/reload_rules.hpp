#pragma once

#include "gateway/configuration.hpp"

namespace junctor {

/// Throws config::ConfigError when `next` changes what only a restart can take; one line for each such key, with its place.
void require_reloadable(const Configuration& running, const Configuration& next);

/// Whether the admin API goes on as it is; certificates may differ.
bool same_admin(const Configuration& running, const Configuration& next);

}  // namespace junctor
