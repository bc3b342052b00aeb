#pragma once

#include "core/base/bytes.hpp"
#include "core/ports/stream.hpp"
#include "core/runtime/websocket_codec.hpp"

namespace junctor {

/// What a connection that has become a WebSocket holds between two reads.
struct WebSocketLayer {
    WebSocketLayer(WebSocketMode payload_mode, bool sends_text) noexcept : mode(payload_mode), text(sends_text) {}

    ws_frames::Decoder decoder{ws_frames::Role::server};
    WebSocketMode mode;
    bool text;
    ByteBuffer raw;      ///< frames not taken apart yet: an incomplete header or control frame, or all that came while paused
    ByteBuffer message;  ///< message mode: the beginning of a message whose end has not come
};

}  // namespace junctor
