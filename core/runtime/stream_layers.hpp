#pragma once

#include <memory>

#include "core/base/bytes.hpp"
#include "core/runtime/handshake_limit.hpp"
#include "core/runtime/tls_engine.hpp"
#include "core/runtime/websocket_layer.hpp"
#include "core/session/queue_charge.hpp"

namespace junctor {

/// What only some connections have, or only for a while. A plain connection at rest has none of it.
struct StreamLayers {
    ByteBuffer tail;  ///< what the protocol left unconsumed; of a WebSocket in message mode: one whole message
    std::unique_ptr<HandshakeLimit> handshake;  ///< until the protocol has called `established`
    std::unique_ptr<TlsEngine> tls;
    std::unique_ptr<WebSocketLayer> websocket;
    QueueCharge charge;  ///< where somebody's queues are bounded

    bool empty() const noexcept { return tail.capacity() == 0 && !handshake && !tls && !websocket && !charge.share(); }
};

}  // namespace junctor
