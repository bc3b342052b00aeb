#pragma once

#include "core/config/schema.hpp"

namespace junctor {

/// What connectors that serve HTTP have in common in their configuration. Both throw a SetupError that says where and what to write, for values that
/// no request could ever fit: they would be taken, and nothing would come of them.

/// `path`: as requests show it, still percent-encoded (RFC 3986 section 3.3). May be absent.
void check_http_path(const config::Section& section);

/// `origins`: each as browsers send it (RFC 6454 section 6.2), or `*`.
void check_origins(const config::Section& section);

}  // namespace junctor
