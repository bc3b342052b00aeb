#pragma once

#include <memory>

#include "core/ports/host.hpp"
#include "core/ports/http.hpp"

namespace junctor {

/// Answers `/v1/sessions?name=&principal=&limit=&after=`: a page of the sessions over all cores of which both are true, at most
/// `max_sessions_page`, and the `after` that continues it. Durable ones are there while their client is away, too. Who belongs to a tenant
/// sees its sessions alone. Looking for few among many holds no core up; sessions come and go between pages.
void list_sessions(Host& host, std::shared_ptr<HttpExchange> exchange, TenantId tenant);

inline constexpr std::size_t max_sessions_page = 1'000;

}  // namespace junctor
