#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "core/ports/host.hpp"

namespace junctor {

/// All routes of one address. Constant once it is served.
struct HttpRoutes {
    std::vector<HttpRoute> http;
    std::vector<WebSocketRoute> websocket;
};

/// The routes of one address as they are now: a reload replaces them for every request to come, also on connections that are open.
/// From any thread.
class LiveRoutes {
public:
    explicit LiveRoutes(std::shared_ptr<const HttpRoutes> routes) noexcept : routes_(std::move(routes)) {}

    std::shared_ptr<const HttpRoutes> now() const noexcept { return routes_.load(std::memory_order_acquire); }
    void replace(std::shared_ptr<const HttpRoutes> routes) noexcept { routes_.store(std::move(routes), std::memory_order_release); }

private:
    std::atomic<std::shared_ptr<const HttpRoutes>> routes_;
};

/// Makes the factory that speaks HTTP on an address with these routes. The composition root hands core/web's to the host, so that
/// the runtime need not know HTTP.
using HttpStreamFactoryMaker = std::function<StreamFactory(std::shared_ptr<const LiveRoutes>)>;

}  // namespace junctor
