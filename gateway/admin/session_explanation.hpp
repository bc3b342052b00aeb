#pragma once

#include <memory>

#include "core/ports/host.hpp"
#include "core/ports/http.hpp"
#include "gateway/admin/admin_sources.hpp"

namespace junctor {

/// Answers `/v1/explain?session=ID&verb=publish&topic=a/b`: whether an open session may do that, who was asked, and which rules were
/// tried. Who belongs to a tenant asks about its sessions alone.
void explain_session(Host& host, decltype(AdminSources::explain) explain, std::shared_ptr<HttpExchange> exchange, TenantId tenant);

}  // namespace junctor
