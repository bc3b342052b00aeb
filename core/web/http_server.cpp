#include "core/web/http_server.hpp"

#include "core/web/http_connection.hpp"

namespace junctor::web {

StreamFactory http_stream_factory(std::shared_ptr<const HttpRoutes> routes) {
    return [table = std::make_shared<const RouteTable>(std::move(routes))](Stream& stream) -> std::unique_ptr<StreamHandler> {
        return std::make_unique<HttpConnection>(stream, table);
    };
}

}  // namespace junctor::web
