#include "core/ports/descriptor.hpp"

namespace junctor::mqtt {

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "mqtt";
    offer.summary = "MQTT 3.1, 3.1.1 and 5.0 clients over TCP, TLS and WebSocket.";
    return offer;
}

}  // namespace junctor::mqtt
