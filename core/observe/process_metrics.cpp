#include "core/observe/process_metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "core/observe/log.hpp"

namespace junctor {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(const std::string& name, const std::string& help, MetricType type, double value) {
    prometheus::ClientMetric sample;
    (type == MetricType::Counter ? sample.counter.value : sample.gauge.value) = value;
    return {name, help, type, {sample}};
}

std::optional<double> resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double total_pages = 0;
    double resident_pages = 0;
    if (!(file >> total_pages >> resident_pages)) return std::nullopt;
    return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::optional<double> open_descriptors() {
    std::error_code error;
    double count = 0;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end; entry.increment(error)) ++count;
    // The listing itself holds one.
    return error ? std::nullopt : std::optional(count - 1);
}

std::optional<double> most_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
    return static_cast<double>(limit.rlim_cur);
}

std::optional<double> cpu_seconds() {
    rusage used{};
    if (getrusage(RUSAGE_SELF, &used) != 0) return std::nullopt;
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void add(std::vector<MetricFamily>& families, const std::string& name, const std::string& help, MetricType type,
         std::optional<double> value) {
    if (value) families.push_back(family(name, help, type, *value));
}

}  // namespace

std::string process_metrics_text() {
    std::vector<MetricFamily> families;
    add(families, "process_cpu_seconds_total", "CPU time used, user and system, in seconds.", MetricType::Counter, cpu_seconds());
    add(families, "process_max_fds", "Most descriptors that may be open.", MetricType::Gauge, most_descriptors());
    add(families, "process_open_fds", "Descriptors open.", MetricType::Gauge, open_descriptors());
    add(families, "process_resident_memory_bytes", "Resident memory in bytes.", MetricType::Gauge, resident_bytes());
    add(families, "junctor_log_lines_dropped_total", "Log lines lost because their reader was too slow.", MetricType::Counter,
        static_cast<double>(log_lines_lost()));
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace junctor
