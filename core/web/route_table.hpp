#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/runtime/http_routes.hpp"

namespace junctor::web {

/// Finds who serves a request among the routes of an address. Immutable, shared by all connections and cores.
class RouteTable {
public:
    explicit RouteTable(std::shared_ptr<const HttpRoutes> routes) : routes_(std::move(routes)) {}

    struct Match {
        const HttpRoute* route = nullptr;
        std::string allow;  ///< without a route: the methods that the path has, for `Allow`; empty: no such path
    };

    /// The longest prefix that has the method; `HEAD` is served by `GET`. `path` as sent.
    Match find(std::string_view method, std::string_view path) const;

    bool has_websocket(std::string_view path) const noexcept;

    /// The route whose subprotocol the client prefers among `offered` (comma-separated), else one without a subprotocol.
    const WebSocketRoute* websocket(std::string_view path, std::string_view offered) const noexcept;

private:
    std::shared_ptr<const HttpRoutes> routes_;
};

}  // namespace junctor::web
