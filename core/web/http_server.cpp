#include "core/web/http_server.hpp"

#include "core/web/http_connection.hpp"

namespace junctor::web {

StreamFactory http_stream_factory(std::shared_ptr<const LiveRoutes> routes) {
    return [routes = std::move(routes)](Stream& stream) -> std::unique_ptr<StreamHandler> {
        return std::make_unique<HttpConnection>(stream, routes);
    };
}

}  // namespace junctor::web
