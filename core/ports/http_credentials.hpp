#pragma once

#include <string_view>

#include "core/ports/authenticator.hpp"
#include "core/ports/http.hpp"

namespace junctor {

/// What a connection shows of whoever is at its other end: address and verified certificate.
void take_peer(const Peer& peer, Credentials& into);

/// What a request shows of its sender: the above, and `Authorization` (RFC 7617 Basic, RFC 6750 Bearer), or else the cookie of that
/// name as a token; no name: no cookie. False: an `Authorization` that cannot be read, or two of them.
///
/// A browser sends cookies with what other pages make it send, too. So one counts only in a request that says whose page it came
/// from: by `Origin`, which the route has judged already, or by `Sec-Fetch-Site: same-origin` (THREATS 21).
bool read_http_credentials(const HttpRequest& request, std::string_view cookie, Credentials& into);

/// Whether anything is shown that says who somebody is.
bool shows_any(const Credentials& credentials) noexcept;

}  // namespace junctor
