#include "core/web/cross_origin.hpp"

#include "core/ports/http_origin.hpp"

namespace junctor::web {

void add_cross_origin_headers(const HttpRequest& request, std::vector<Header>& to) {
    const std::string_view origin = request.header("Origin");
    if (origin.empty()) return;
    to.push_back({"Access-Control-Allow-Origin", std::string(origin)});
    to.push_back({"Access-Control-Expose-Headers", "*"});
    to.push_back({"Vary", "Origin"});
}

std::optional<HttpResponse> preflight_answer(const HttpRequest& request, const RouteTable& routes) {
    const std::string_view method = request.header("Access-Control-Request-Method");
    if (request.method != "OPTIONS" || method.empty()) return std::nullopt;
    const HttpRoute* route = routes.find(method, request.path).route;
    if (!route || !origin_allowed(request, route->origins)) return std::nullopt;
    HttpResponse answer(204, {}, {});
    add_cross_origin_headers(request, answer.headers);
    answer.headers.push_back({"Access-Control-Allow-Methods", std::string(method)});
    answer.headers.push_back({"Access-Control-Allow-Headers", std::string(request.header("Access-Control-Request-Headers"))});
    answer.headers.push_back({"Access-Control-Max-Age", "600"});
    return answer;
}

}  // namespace junctor::web
