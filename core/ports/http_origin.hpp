#pragma once

#include <string>
#include <vector>

#include "core/ports/http.hpp"

namespace junctor {

/// Whether the web page that sent a request may do so (THREATS 21: a page must not use its reader's gateway).
///
/// Without an `Origin` header true, unless a browser says by `Sec-Fetch-Site` that another page loads it, as an image or a frame: a link that a
/// person follows is none. True for an origin in `allowed` (`https://app.example`; `*`: any).
/// True for the request's own `Host`, except that on a loopback connection that must be an address or `localhost`:
/// any page can have its own name resolve to 127.0.0.1.
bool origin_allowed(const HttpRequest& request, const std::vector<std::string>& allowed);

/// Whether a request that comes over loopback may be that of a page whose own name resolves to this machine (DNS rebinding): browsers send no
/// `Origin` with what a page reads under its own name. Then it is not from this machine in the sense of a policy that trusts whoever is here.
/// Not with a `Host` that is an address, `localhost`, or that of an origin in `allowed`.
bool may_be_rebound(const HttpRequest& request, const std::vector<std::string>& allowed) noexcept;

}  // namespace junctor
