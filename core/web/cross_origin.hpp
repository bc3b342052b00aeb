#pragma once

#include <optional>
#include <vector>

#include "core/ports/http.hpp"
#include "core/web/route_table.hpp"

namespace junctor::web {

/// Lets the page that asked read the answer (Fetch standard, section 3.2). For requests whose origin was allowed before.
void add_cross_origin_headers(const HttpRequest& request, std::vector<Header>& to);

/// The answer to a browser's question whether a page may send a request that is more than a form; nothing when it is none,
/// or when the route does not allow the page.
std::optional<HttpResponse> preflight_answer(const HttpRequest& request, const RouteTable& routes);

}  // namespace junctor::web
