#include "core/ports/descriptor.hpp"

#include "connectors/matrix/backend.hpp"

namespace junctor::matrix {

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "matrix";
    offer.summary = "Matrix homeservers as a backend, through their client-server API.";
    offer.backend_fields = backend_fields();
    offer.make_backend = [](const config::Section& section, const Limits&) { return std::make_unique<MatrixBackend>(read_backend_settings(section)); };
    return offer;
}

}  // namespace junctor::matrix
