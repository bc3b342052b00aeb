#pragma once

#include "gateway/configuration.hpp"

namespace junctor {

/// Throws SetupError when `next` changes what only a restart can take: everything but certificates, policy and log.
/// One sentence that names all of it.
void require_same(const Configuration& running, const Configuration& next);

}  // namespace junctor
