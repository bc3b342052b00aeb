#pragma once

#include "core/runtime/http_routes.hpp"

namespace junctor::web {

/// Speaks HTTP/1.1 with these routes on every connection of an address: an `HttpStreamFactoryMaker`.
StreamFactory http_stream_factory(std::shared_ptr<const LiveRoutes> routes);

}  // namespace junctor::web
