#include "core/ports/descriptor.hpp"

namespace junctor::rest {

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "rest";
    offer.summary = "HTTP requests, long-polling and server-sent events.";
    return offer;
}

}  // namespace junctor::rest
