#include "core/ports/descriptor.hpp"

#include "connectors/matrix/backend.hpp"
#include "core/base/setup_error.hpp"

namespace junctor::matrix {

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "matrix";
    offer.summary = "Matrix homeservers as a backend, through their client-server API.";
    offer.backend_fields = backend_fields();
    offer.make_backend = [](const config::Section& section, const Limits&) { return std::make_unique<MatrixBackend>(read_backend_settings(section)); };
    offer.registration = [](const config::Section& section) {
        const BackendSettings settings = read_backend_settings(section);
        if (settings.puppets.token.empty()) throw SetupError(section.where() + ": nothing to register: without 'puppets' the gateway is an ordinary user");
        return registration(settings);
    };
    return offer;
}

}  // namespace junctor::matrix
