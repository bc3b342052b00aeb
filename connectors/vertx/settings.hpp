#pragma once

#include <string>

#include "core/base/clock.hpp"
#include "core/base/ref_counted.hpp"

namespace junctor::vertx {

/// What all connections of one listener share; immutable once shared.
struct Settings : RefCounted<Settings> {
    std::string connector;  ///< the configured name
    std::string cookie;     ///< whose value is a token; empty: none is
    std::size_t max_handlers = 1'000;       ///< addresses that a connection may register
    std::size_t max_address_length = 200;   ///< bytes
    Duration ping_timeout = std::chrono::seconds(10);  ///< of a WebSocket without a frame; zero: none
    Duration reply_timeout = std::chrono::seconds(30);
};

}  // namespace junctor::vertx
