#pragma once

#include <string>
#include <vector>

#include "core/ports/http.hpp"

namespace junctor {

/// Whether the web page that sent a request may do so (THREATS 21: a page must not use its reader's gateway).
///
/// True without an `Origin` header: no browser, or no foreign page. True for an origin in `allowed` (`https://app.example`; `*`: any).
/// True for the request's own `Host`, except that on a loopback connection that must be an address or `localhost`:
/// any page can have its own name resolve to 127.0.0.1.
bool origin_allowed(const HttpRequest& request, const std::vector<std::string>& allowed);

}  // namespace junctor
