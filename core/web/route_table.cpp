#include "core/web/route_table.hpp"

#include <algorithm>
#include <set>

#include "core/web/field_line.hpp"

namespace junctor::web {
namespace {

bool path_fits(const HttpRoute& route, std::string_view path) noexcept {
    return route.prefix.ends_with('/') ? path.starts_with(route.prefix) : path == route.prefix;
}

bool method_fits(const HttpRoute& route, std::string_view method) noexcept {
    return route.method.empty() || route.method == method || (method == "HEAD" && route.method == "GET");
}

/// Segment by segment; `*` stands for any one that is not empty.
bool path_fits(const WebSocketRoute& route, std::string_view path) noexcept {
    std::string_view pattern = route.path;
    while (true) {
        const std::string_view wanted = pattern.substr(0, pattern.find('/'));
        const std::string_view there = path.substr(0, path.find('/'));
        if (wanted == "*" ? there.empty() : wanted != there) return false;
        const bool ends = wanted.size() == pattern.size();
        if (ends || there.size() == path.size()) return ends && there.size() == path.size();
        pattern.remove_prefix(wanted.size() + 1);
        path.remove_prefix(there.size() + 1);
    }
}

std::string joined(const std::set<std::string>& methods) {
    std::string list;
    for (const std::string& method : methods) list += (list.empty() ? "" : ", ") + method;
    return list;
}

}  // namespace

RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
    Match match;
    std::set<std::string> methods;
    for (const HttpRoute& route : routes_->http) {
        if (!path_fits(route, path)) continue;
        const bool longer = !match.route || route.prefix.size() > match.route->prefix.size();
        if (method_fits(route, method) && longer) match.route = &route;
        if (!match.route) methods.insert(route.method);
    }
    if (match.route || methods.empty()) return match;
    if (methods.contains("GET")) methods.insert("HEAD");
    methods.insert("OPTIONS");
    match.allow = joined(methods);
    return match;
}

bool RouteTable::has_websocket(std::string_view path) const noexcept {
    return std::ranges::any_of(routes_->websocket, [&](const WebSocketRoute& route) { return path_fits(route, path); });
}

const WebSocketRoute* RouteTable::websocket(std::string_view path, std::string_view offered) const noexcept {
    while (!offered.empty()) {
        const std::string_view wish = offered.substr(0, offered.find(','));
        offered.remove_prefix(std::min(offered.size(), wish.size() + 1));
        for (const WebSocketRoute& route : routes_->websocket)
            if (path_fits(route, path) && !route.subprotocol.empty() && route.subprotocol == trim_blanks(wish)) return &route;
    }
    for (const WebSocketRoute& route : routes_->websocket)
        if (path_fits(route, path) && route.subprotocol.empty()) return &route;
    return nullptr;
}

}  // namespace junctor::web
