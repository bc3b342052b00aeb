#include "core/runtime/endpoint.hpp"

#include <mutex>
#include <set>
#include <string>

namespace junctor {

namespace {

/// Metrics are for ever: who changes addresses by reload again and again would fill the table with those of addresses long gone.
constexpr std::size_t most_addresses = 64;

/// The address as metrics show it: its own text, or `other` for those behind the first `most_addresses` of this process.
std::string label_of(const Address& address) {
    static std::mutex mutex;
    static std::set<std::string> shown;
    const std::lock_guard lock(mutex);
    const std::string text = address.text();
    if (shown.size() < most_addresses) shown.insert(text);
    return shown.contains(text) ? text : "other";
}

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
      accepted(counter("junctor_connections_accepted_total", "Connections accepted.", {{"address", label_of(address)}})),
      refused(counter("junctor_connections_refused_total", "Connections not accepted: over a limit or out of descriptors.",
                      {{"address", label_of(address)}})),
      open(gauge("junctor_connections_open", "Connections open now.", {{"address", label_of(address)}})),
      bytes_in(counter("junctor_received_bytes_total", "Bytes read from connections.", {{"address", label_of(address)}})),
      bytes_out(counter("junctor_sent_bytes_total", "Bytes written to connections.", {{"address", label_of(address)}})),
      closed(closed_counters(label_of(address))) {}

}  // namespace junctor
