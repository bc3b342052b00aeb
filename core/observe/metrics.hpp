#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace junctor {

/// A number that only grows. A small handle; get it once (function-local static) and add to it on any core.
struct Counter {
    std::uint16_t cell;
};

/// A number that goes up and down. Its value is the sum over all cores.
struct Gauge {
    std::uint16_t cell;
};

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// Registers a metric (`junctor_messages_received_total`) or finds it again by name and labels. Thread-safe, slow: not on a hot path.
/// At most `Metrics::max_cells` in a process; label values come from code or configuration, never from clients.
Counter counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
Gauge gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});

/// The numbers of one core: written by that core alone without a locked instruction, read by anyone.
class Metrics {
public:
    static constexpr std::size_t max_cells = 2'048;

    void add(Counter metric, std::uint64_t amount = 1) noexcept { bump(metric.cell, static_cast<std::int64_t>(amount)); }
    void add(Gauge metric, std::int64_t amount) noexcept { bump(metric.cell, amount); }
    std::int64_t read(std::uint16_t cell) const noexcept { return cells_[cell].load(std::memory_order_relaxed); }

private:
    void bump(std::uint16_t cell, std::int64_t amount) noexcept {
        cells_[cell].store(cells_[cell].load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::unique_ptr<std::atomic<std::int64_t>[]> cells_ = std::make_unique<std::atomic<std::int64_t>[]>(max_cells);
};

/// One metric summed over `cores` and all its labels; 0 for a name that nobody has registered. Slow.
std::int64_t metric_total(std::string_view name, const std::vector<const Metrics*>& cores);

/// All metrics summed over `cores`, in the Prometheus text format.
std::string prometheus_text(const std::vector<const Metrics*>& cores);

}  // namespace junctor
