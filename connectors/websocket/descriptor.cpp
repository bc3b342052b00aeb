#include "core/ports/descriptor.hpp"

namespace junctor::websocket {

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "websocket";
    offer.summary = "JSON over WebSocket: one object per text frame";
    return offer;
}

}  // namespace junctor::websocket
