#pragma once

#include <memory>

#include "core/ports/host.hpp"
#include "core/ports/http.hpp"
#include "gateway/admin/admin_sources.hpp"

namespace junctor {

/// Serves `POST /v1/revocations`: takes back a token, whatever a principal has shown so far, or a session. `who` of a tenant reaches no further
/// than that. 202 once nobody comes in by it any more; who is in is gone within a second.
void take_back(Host& host, const std::shared_ptr<const AdminSources>& sources, std::shared_ptr<HttpExchange> exchange, PrincipalRef who);

}  // namespace junctor
