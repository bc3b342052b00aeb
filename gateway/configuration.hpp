#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/problems.hpp"
#include "core/model/history_rules.hpp"
#include "core/model/limits.hpp"
#include "core/observe/log_line.hpp"
#include "core/ports/descriptor.hpp"
#include "core/runtime/tls_settings.hpp"
#include "core/store/store_options.hpp"
#include "policy/quotas.hpp"

namespace junctor {

/// What the admin API is called where connectors have their names (`Credentials::connector`).
inline constexpr std::string_view admin_name = "admin";

// Entries that could not be read whole are in their lists, too: `section.sound()` says so, and nothing is made of them.

/// One entry under `connectors:`.
struct ConnectorEntry {
    std::string type;
    std::string name;  ///< unique; the type, with a number from the second on, unless configured
    config::Section section;
    std::optional<TlsSettings> tls;
    std::optional<std::vector<std::string>> authenticators;  ///< names of those that it asks, in order; none: all
};

/// One entry under `policy: {authenticators:` or `authorizers:`.
struct PolicyEntry {
    std::string type;
    std::string name;  ///< unique in its list; the type, with a number from the second on, unless configured
    config::Section section;
};

/// What `policy:` says.
struct PolicySettings {
    std::vector<PolicyEntry> authenticators;
    std::vector<PolicyEntry> authorizers;
    std::vector<config::Section> tenants;
    bool other_tenants = false;  ///< those that credentials name are taken, too
    bool tenants_known = true;   ///< false: that could not be read
    Quotas::Limits limits{};
    std::filesystem::path audit;  ///< empty: none
    std::string audit_where;      ///< for errors
};

/// `backend:`, where it is a remote one.
struct BackendEntry {
    std::string type;
    config::Section section;
    std::optional<TlsSettings> door_tls;  ///< of the address where its server calls
};

/// One entry under `bridges:`.
struct BridgeEntry {
    std::string type;
    std::string name;
    config::Section section;
    std::optional<TlsSettings> door_tls;  ///< as BackendEntry's
};

/// What the whole process is told (DESIGN 6).
struct Configuration {
    std::string source;  ///< the file, or `defaults`
    std::filesystem::path directory;  ///< where its relative paths begin
    std::string name;  ///< of this gateway among others; empty: it finds one
    std::string name_where;  ///< for errors
    std::uint16_t cores = 1;
    std::string cores_where;  ///< for errors
    std::vector<ConnectorEntry> connectors;
    std::optional<BackendEntry> backend;  ///< none: the embedded one
    std::vector<BridgeEntry> bridges;
    std::optional<PolicySettings> policy;  ///< without: anonymous clients of this machine, and nothing may listen for others
    std::optional<StoreOptions> store;  ///< none: nothing outlives the process
    std::string store_where;            ///< for errors
    HistoryRulesPtr history = std::make_shared<const HistoryRules>();  ///< what is kept of the past
    std::string history_where;  ///< for errors; empty: nothing is to be kept
    Limits limits;
    bool packet_limit_known = true;  ///< false: it could not be read
    Address admin;
    bool admin_known = true;  ///< false: what stands under `admin:` could not be read
    std::vector<std::string> admin_hosts;
    std::optional<TlsSettings> admin_tls;
    std::optional<std::vector<std::string>> admin_authenticators;
    std::string admin_where;  ///< for errors
    Duration sys_interval = std::chrono::seconds(10);  ///< between two rounds of `$SYS/broker/` values; zero: none
    LogLevel log_level = LogLevel::info;
    LogFormat log_format = LogFormat::text;
    std::uint32_t log_messages_sample = 0;  ///< one of so many messages is logged; 0: none
};

/// The declaration of everything, with what the connectors and the plug-ins of the policy declare.
config::Schema configuration_schema(const std::vector<Descriptor>& descriptors);

/// A file as far as it could be read, and what is wrong with the rest. Only good for finding out what else is wrong, unless there is nothing.
struct ConfigurationReading {
    Configuration configuration;
    config::Problems problems;
};

/// Reads a file; an empty path means the defaults. Throws config::ConfigError where nothing of it can be read.
ConfigurationReading read_configuration(const std::string& path, const std::vector<Descriptor>& descriptors);

/// The same for whoever has no use for a part. Throws config::ConfigError with everything that is wrong.
Configuration load_configuration(const std::string& path, const std::vector<Descriptor>& descriptors);

}  // namespace junctor
