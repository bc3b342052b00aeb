#include "tests/bench/generator/idle.hpp"

#include <unistd.h>

#include <string>

#include "tests/bench/generator/client.hpp"
#include "tests/bench/generator/process_usage.hpp"
#include "tests/bench/generator/stamp.hpp"

namespace bench {
namespace {

void open_all(ClientLoop& loop, Clients& clients, const Options& options) {
    const std::string prefix = "idle-" + std::to_string(::getpid()) + "-";
    for (std::uint32_t index = 0; index < options.connections; ++index) open_client(loop, clients, options, prefix + std::to_string(index));
    await_ready(loop, clients);
}

void subscribe_all(ClientLoop& loop, const Clients& clients) {
    for (std::size_t index = 0; index < clients.size(); ++index) {
        Connection& connection = clients[index]->connection();
        connection.subscribe("idle/" + std::to_string(index));
        loop.flush(connection);
    }
    await_subscribed(loop, clients);
}

}  // namespace

Report hold_idle_connections(const Options& options) {
    ClientLoop loop;
    Clients clients;
    const ProcessUsage before = process_usage(options.pid);
    const std::uint64_t started = now_ns();
    open_all(loop, clients, options);
    const double seconds = static_cast<double>(now_ns() - started) * 1e-9;
    if (options.subscribe) subscribe_all(loop, clients);

    const double cpu_before_hold = process_usage(options.pid).cpu_seconds;
    run_for(loop, options.hold_seconds);
    const ProcessUsage after = process_usage(options.pid);

    Report report;
    report.add("connections", std::uint64_t{options.connections});
    report.add("connections_per_second", options.connections / seconds);
    report.add("bytes_per_connection", (static_cast<double>(after.resident_bytes) - static_cast<double>(before.resident_bytes)) / options.connections);
    report.add("cpu_percent_while_idle", 100 * (after.cpu_seconds - cpu_before_hold) / options.hold_seconds);
    return report;
}

}  // namespace bench
