#include "connectors/zeromq/dropped.hpp"

#include <array>
#include <string>

namespace junctor::zeromq {
namespace {

constexpr std::size_t codes = static_cast<std::size_t>(Errc::shutting_down) + 1;

std::array<Counter, codes> make_counters(std::string_view name, std::string_view help, const MetricLabels& common) {
    std::array<Counter, codes> counters;
    for (std::size_t code = 0; code < codes; ++code) {
        MetricLabels labels = common;
        labels.emplace_back("reason", to_string(static_cast<Errc>(code)));
        counters[code] = counter(name, help, labels);
    }
    return counters;
}

}  // namespace

void count_dropped(Metrics& metrics, Errc reason) noexcept {
    static const std::array<Counter, codes> counters =
        make_counters("junctor_zeromq_dropped_total", "Messages and subscriptions of PUB and SUB sockets that were refused", {});
    metrics.add(counters[static_cast<std::size_t>(reason)]);
}

void count_bad_input(Metrics& metrics, std::string_view code) noexcept {
    static const std::array<Counter, codes> counters =
        make_counters("junctor_bad_input_total", "Input that broke its protocol, by protocol and reason", {{"protocol", "zeromq"}});
    for (std::size_t at = 0; at < codes; ++at)
        if (to_string(static_cast<Errc>(at)) == code) metrics.add(counters[at]);
}

void count_stalled(Metrics& metrics) noexcept {
    static const Counter stalled = counter("junctor_zeromq_stalled_total", "Times that messages went on without a subscriber that does not read");
    metrics.add(stalled);
}

void count_slow(Metrics& metrics) noexcept {
    static const Counter slow = counter("junctor_zeromq_slow_subscribers_total", "SUB sockets that did not read and whose connection was ended");
    metrics.add(slow);
}

}  // namespace junctor::zeromq
