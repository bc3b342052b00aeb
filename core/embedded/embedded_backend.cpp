#include "core/embedded/embedded_backend.hpp"

#include <limits>

namespace junctor {

BackendTraits EmbeddedBackend::traits() const noexcept {
    BackendTraits traits;
    traits.max_qos = Qos::exactly_once;
    traits.wildcards = true;
    traits.retained = true;
    traits.ordered = true;
    traits.headers = true;
    traits.on_every_core = true;
    traits.max_payload = std::numeric_limits<std::uint32_t>::max();
    return traits;
}

void EmbeddedBackend::publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    const Delivered delivered = sink_->deliver(envelope);
    const BackendReceipt receipt{ticket, Errc::ok, delivered.matches, delivered.commit};
    sink_->taken({&receipt, 1});
}

}  // namespace junctor
