#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/ports/host.hpp"

namespace junctor {

/// All routes of one address. Complete before the first connection, constant afterwards.
struct HttpRoutes {
    std::vector<HttpRoute> http;
    std::vector<WebSocketRoute> websocket;
};

/// Makes the factory that speaks HTTP on an address with these routes. The composition root hands core/web's to the host, so that
/// the runtime need not know HTTP.
using HttpStreamFactoryMaker = std::function<StreamFactory(std::shared_ptr<const HttpRoutes>)>;

}  // namespace junctor
