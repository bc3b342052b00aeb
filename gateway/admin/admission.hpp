#pragma once

#include "core/ports/host.hpp"

namespace junctor {

/// Lets `next` answer only whom the policy's authenticators let in: with the credentials of the Authorization header (Basic, Bearer),
/// the client certificate, or none. Everybody else gets 401.
HttpHandler for_the_admitted(HttpHandler next);

}  // namespace junctor
