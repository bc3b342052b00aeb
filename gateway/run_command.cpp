#include "gateway/run_command.hpp"

#include <cerrno>
#include <ostream>

#include "core/base/setup_error.hpp"
#include "core/config/problems.hpp"
#include "core/observe/log.hpp"
#include "core/runtime/system_clock.hpp"
#include "gateway/application.hpp"
#include "gateway/file_limit.hpp"
#include "gateway/service_notify.hpp"
#include "gateway/signals.hpp"
#include "gateway/version.hpp"

namespace junctor {

namespace {

/// Commands that call junctor call it as this process was called, so that they can be copied wherever it is installed.
std::vector<StartRow> as_called(std::vector<StartRow> rows) {
    constexpr std::string_view name = "junctor ";
    for (StartRow& row : rows)
        if (row.proof.starts_with(name)) row.proof.replace(0, name.size() - 1, program_invocation_name);
    return rows;
}

std::string what_survives(const std::optional<StoreOptions>& store) {
    if (!store) return "Everything lives in memory: a restart forgets it (store: {dir: ...} keeps what is durable).";
    return "What is durable is kept in " + store->dir.string() + (store->durability == Durability::fsync
                                                                      ? " (fsync: it survives a power cut)."
                                                                      : " (os: it survives a crash of junctor, not of the machine).");
}

void greet(const Application& application, std::ostream& out) {
    const Configuration& configuration = application.configuration();
    out << "junctor " << version() << " runs on " << configuration.cores << (configuration.cores == 1 ? " core" : " cores") << " with "
        << (configuration.source == "defaults" ? "the default configuration" : configuration.source) << "\n\n"
        << start_table(as_called(application.table())) << "\n" << what_survives(configuration.store) << " Ctrl-C stops.\n"
        << std::flush;
}

/// A configuration that cannot be taken leaves the running one as it is.
void reload(Application& application, const std::string& config_path, const std::vector<Descriptor>& descriptors) {
    notify_service_manager("RELOADING=1");
    try {
        application.reload(load_configuration(config_path, descriptors));
        log_info("gateway", "configuration reloaded", {{"file", application.configuration().source}});
    } catch (const config::ConfigError& error) {
        for (const std::string& line : error.lines()) log_error("gateway", "configuration kept as it was", {{"because", line}});
    } catch (const SetupError& error) {
        log_error("gateway", "configuration kept as it was", {{"because", error.what()}});
    }
    notify_service_manager("READY=1");
}

void drain(Application& application, Signals& signals) {
    notify_service_manager("STOPPING=1");
    log_info("gateway", "draining; a second signal stops at once");
    signals.let_them_kill();
    const std::size_t left = application.drain();
    application.stop();
    log_info("gateway", "stopped", {{"connections_cut", std::to_string(left)}});
    flush_log();
}

}  // namespace

void run_gateway(const std::string& config_path, const std::vector<Descriptor>& descriptors, std::ostream& out) {
    raise_file_limit();
    Signals signals;
    SystemClock clock;
    ConfigurationReading reading = read_configuration(config_path, descriptors);
    require_files(files_needed(reading.configuration, descriptors));
    Application application(std::move(reading), descriptors, clock);
    configure_log(application.configuration().log_level, application.configuration().log_format);
    application.start();
    greet(application, out);
    notify_service_manager("READY=1");
    while (signals.wait() == Signals::Order::reload) reload(application, config_path, descriptors);
    drain(application, signals);
}

}  // namespace junctor
