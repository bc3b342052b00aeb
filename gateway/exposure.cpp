#include "gateway/exposure.hpp"

#include "core/base/setup_error.hpp"

namespace junctor {

void require_loopback(const std::vector<ExposedAddress>& addresses) {
    for (const ExposedAddress& exposed : addresses)
        if (!exposed.address.loopback())
            throw SetupError(exposed.owner + " would listen on " + exposed.address.text() +
                             ", which other machines can reach, but no policy says who may connect; use 127.0.0.1, or add"
                             " 'policy: {authenticators: [{type: anonymous, from: any}], authorizers: [{type: allow_all}]}' to let everybody in");
}

}  // namespace junctor
