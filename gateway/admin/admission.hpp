#pragma once

#include <functional>
#include <memory>

#include "core/model/principal.hpp"
#include "core/ports/host.hpp"

namespace junctor {

/// Serves a request of somebody who may administer.
using AdminHandler = std::function<void(std::shared_ptr<HttpExchange>, const Principal& who)>;

/// Lets `next` answer only whom the policy's authenticators let in, with the credentials of the Authorization header (Basic, Bearer), the
/// client certificate, or none, and who has the verb `admin`. Others get 401 or 403.
HttpHandler for_the_admitted(AdminHandler next);

/// The same for what tells about all tenants: only for those who belong to none.
HttpHandler for_operators(HttpHandler next);

}  // namespace junctor
