#pragma once

#include <memory>

#include "core/ports/host.hpp"
#include "core/ports/http.hpp"

namespace junctor {

/// Answers `/v1/sessions?limit=&after=`: a page of the open sessions over all cores, at most `max_sessions_page`, and the `after`
/// that continues it. Who belongs to a tenant sees its sessions alone. A page costs what it shows, whatever is asked for; sessions come and go between pages.
void list_sessions(Host& host, std::shared_ptr<HttpExchange> exchange, TenantId tenant);

inline constexpr std::size_t max_sessions_page = 1'000;

}  // namespace junctor
