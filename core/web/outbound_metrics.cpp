#include "core/web/outbound_metrics.hpp"

#include <algorithm>

namespace junctor::web {
namespace {

using namespace std::chrono_literals;

constexpr std::array<Duration, 3> steps{10ms, 100ms, 1s};

Counter answers(const std::string& origin, const char* within) {
    return counter("junctor_outbound_answers_total", "Answers to HTTP requests of the gateway, by how long they took", {{"origin", origin}, {"within", within}});
}

}  // namespace

OutboundMetrics::OutboundMetrics(Metrics& cells, const std::string& origin)
    : cells_(cells),
      origin_(origin),
      requests_(counter("junctor_outbound_requests_total", "HTTP requests of the gateway", {{"origin", origin}})),
      microseconds_(counter("junctor_outbound_microseconds_total", "What answered HTTP requests of the gateway took together", {{"origin", origin}})),
      answers_{answers(origin, "10ms"), answers(origin, "100ms"), answers(origin, "1s"), answers(origin, "longer")},
      connections_(gauge("junctor_outbound_connections", "Connections of the gateway to HTTP servers", {{"origin", origin}})),
      circuit_(gauge("junctor_outbound_circuit_open", "1 while an HTTP server is spared because it failed", {{"origin", origin}})) {}

void OutboundMetrics::answered(Duration took) noexcept {
    const auto step = std::ranges::find_if(steps, [took](Duration longest) { return took <= longest; });
    cells_.add(answers_[static_cast<std::size_t>(step - steps.begin())]);
    cells_.add(microseconds_, static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

/// Registered when it first happens: the kinds of failures are many, and most never occur.
void OutboundMetrics::failed(OutboundFailure why) noexcept {
    std::optional<Counter>& failures = failures_[static_cast<std::size_t>(why)];
    if (!failures)
        failures = counter("junctor_outbound_failures_total", "HTTP requests of the gateway without an answer, by reason",
                           {{"origin", origin_}, {"reason", std::string(to_string(why))}});
    cells_.add(*failures);
}

void OutboundMetrics::circuit(bool open) noexcept {
    if (open != open_) cells_.add(circuit_, open ? 1 : -1);
    open_ = open;
}

}  // namespace junctor::web
