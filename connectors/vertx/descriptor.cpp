#include "core/ports/descriptor.hpp"

#include "connectors/vertx/backend.hpp"

namespace junctor::vertx {

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "vertx";
    offer.summary = "Vert.x event buses as a backend, through their TCP bridge.";
    offer.backend_fields = backend_fields();
    offer.make_backend = [](const config::Section& section, const Limits&) { return std::make_unique<VertxBackend>(read_backend_settings(section)); };
    return offer;
}

}  // namespace junctor::vertx
