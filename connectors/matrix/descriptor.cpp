#include "core/ports/descriptor.hpp"

#include "connectors/matrix/backend.hpp"
#include "connectors/matrix/registration.hpp"
#include "core/base/setup_error.hpp"

namespace junctor::matrix {

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "matrix";
    offer.summary = "Matrix homeservers as a backend, through their client-server API or as an application service.";
    offer.backend_fields = backend_fields();
    offer.make_backend = [](const config::Section& section, const Limits&) { return std::make_unique<MatrixBackend>(read_backend_settings(section)); };
    offer.registrations = [](const config::Section& section) {
        std::vector<Registration> all = registrations(read_backend_settings(section));
        if (all.empty()) throw SetupError(section.where() + ": nothing to register: without 'puppets' or 'listen' the gateway is an ordinary user");
        return all;
    };
    return offer;
}

}  // namespace junctor::matrix
