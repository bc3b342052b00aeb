#include "gateway/exposure.hpp"

#include "core/base/setup_error.hpp"

namespace junctor {

void require_loopback(const std::string& owner, const Address& address) {
    if (address.loopback()) return;
    throw SetupError(owner + " would listen on " + address.text() +
                     ", which other machines can reach, but no policy says who may connect; use 127.0.0.1, or add"
                     " 'policy: {authenticators: [{type: anonymous, from: any}], authorizers: [{type: allow_all}]}' to let everybody in ('junctor plugins' lists what else there is)");
}

}  // namespace junctor
