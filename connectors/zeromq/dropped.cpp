#include "connectors/zeromq/dropped.hpp"

#include <array>
#include <string>

namespace junctor::zeromq {
namespace {

constexpr std::size_t codes = static_cast<std::size_t>(Errc::shutting_down) + 1;

std::array<Counter, codes> make_counters() {
    std::array<Counter, codes> counters;
    for (std::size_t code = 0; code < codes; ++code)
        counters[code] = counter("junctor_zeromq_dropped_total", "Messages and subscriptions of PUB and SUB sockets that were refused",
                                 {{"reason", std::string(to_string(static_cast<Errc>(code)))}});
    return counters;
}

}  // namespace

void count_dropped(Metrics& metrics, Errc reason) noexcept {
    static const std::array<Counter, codes> counters = make_counters();
    metrics.add(counters[static_cast<std::size_t>(reason)]);
}

void count_stalled(Metrics& metrics) noexcept {
    static const Counter stalled = counter("junctor_zeromq_stalled_total", "Times that messages went on without a subscriber that does not read");
    metrics.add(stalled);
}

}  // namespace junctor::zeromq
