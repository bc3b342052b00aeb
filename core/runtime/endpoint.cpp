#include "core/runtime/endpoint.hpp"

#include <string>

namespace junctor {

namespace {

std::array<Counter, close_reason_count> closed_counters(const std::string& address) {
    std::array<Counter, close_reason_count> counters{};
    for (std::size_t i = 0; i < close_reason_count; ++i) {
        const std::string reason(to_string(static_cast<CloseReason>(i)));
        counters[i] = counter("junctor_connections_closed_total", "Connections ended, by reason.", {{"address", address}, {"reason", reason}});
    }
    return counters;
}

}  // namespace

Endpoint::Endpoint(const Address& configured, StreamFactory factory, OwnerId owner)
    : address(configured),
      protocol(std::make_shared<const Protocol>(Protocol{std::move(factory), owner})),
      accepted(counter("junctor_connections_accepted_total", "Connections accepted.", {{"address", address.text()}})),
      refused(counter("junctor_connections_refused_total", "Connections not accepted: over a limit or out of descriptors.",
                      {{"address", address.text()}})),
      open(gauge("junctor_connections_open", "Connections open now.", {{"address", address.text()}})),
      bytes_in(counter("junctor_received_bytes_total", "Bytes read from connections.", {{"address", address.text()}})),
      bytes_out(counter("junctor_sent_bytes_total", "Bytes written to connections.", {{"address", address.text()}})),
      closed(closed_counters(address.text())) {}

}  // namespace junctor
