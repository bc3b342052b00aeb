#include "core/observe/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <deque>
#include <map>
#include <mutex>

namespace junctor {

namespace {

struct Declared {
    std::string name;
    std::string help;
    MetricLabels labels;
    prometheus::MetricType type;
};

/// Cells are handed out once and never returned. Cell 0 takes what finds no room: it is never printed.
class Registry {
public:
    std::uint16_t cell(Declared metric) {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < declared_.size(); ++i)
            if (declared_[i].name == metric.name && declared_[i].labels == metric.labels) return static_cast<std::uint16_t>(i + 1);
        if (declared_.size() + 1 >= Metrics::max_cells) return 0;
        declared_.push_back(std::move(metric));
        return static_cast<std::uint16_t>(declared_.size());
    }

    std::vector<Declared> all() {
        const std::lock_guard lock(mutex_);
        return {declared_.begin(), declared_.end()};
    }

private:
    std::mutex mutex_;
    std::deque<Declared> declared_;
};

Registry& registry() {
    static Registry instance;
    return instance;
}

std::uint16_t declare(std::string_view name, std::string_view help, const MetricLabels& labels, prometheus::MetricType type) {
    return registry().cell({std::string(name), std::string(help), labels, type});
}

std::int64_t sum(const std::vector<const Metrics*>& cores, std::size_t cell) {
    std::int64_t total = 0;
    for (const Metrics* core : cores) total += core->read(static_cast<std::uint16_t>(cell));
    return total;
}

prometheus::ClientMetric sample(const Declared& metric, double value) {
    prometheus::ClientMetric sampled;
    for (const auto& [name, text] : metric.labels) sampled.label.push_back({name, text});
    (metric.type == prometheus::MetricType::Counter ? sampled.counter.value : sampled.gauge.value) = value;
    return sampled;
}

}  // namespace

Counter counter(std::string_view name, std::string_view help, const MetricLabels& labels) {
    return {declare(name, help, labels, prometheus::MetricType::Counter)};
}

Gauge gauge(std::string_view name, std::string_view help, const MetricLabels& labels) {
    return {declare(name, help, labels, prometheus::MetricType::Gauge)};
}

std::int64_t metric_total(std::string_view name, const std::vector<const Metrics*>& cores) {
    const std::vector<Declared> declared = registry().all();
    std::int64_t total = 0;
    for (std::size_t i = 0; i < declared.size(); ++i)
        if (declared[i].name == name) total += sum(cores, i + 1);
    return total;
}

std::string prometheus_text(const std::vector<const Metrics*>& cores) {
    const std::vector<Declared> declared = registry().all();
    std::map<std::string, prometheus::MetricFamily> families;
    for (std::size_t i = 0; i < declared.size(); ++i) {
        prometheus::MetricFamily& family = families[declared[i].name];
        family.name = declared[i].name;
        family.help = declared[i].help;
        family.type = declared[i].type;
        family.metric.push_back(sample(declared[i], static_cast<double>(sum(cores, i + 1))));
    }
    std::vector<prometheus::MetricFamily> sorted;
    for (auto& [name, family] : families) sorted.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(sorted);
}

}  // namespace junctor
