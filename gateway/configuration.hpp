#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/limits.hpp"
#include "core/observe/log_line.hpp"
#include "core/ports/descriptor.hpp"
#include "core/runtime/tls_settings.hpp"
#include "core/store/store_options.hpp"

namespace junctor {

/// One entry under `connectors:`.
struct ConnectorEntry {
    std::string type;
    std::string name;  ///< unique; the type, with a number from the second on, unless configured
    config::Section section;
    std::optional<TlsSettings> tls;
};

/// Whom the `anonymous` authenticator lets in.
enum class AnonymousFrom : std::uint8_t { nobody, loopback, anywhere };

/// What the whole process is told (DESIGN 6).
struct Configuration {
    std::string source;  ///< the file, or `defaults`
    std::uint16_t cores = 1;
    std::string cores_where;  ///< for errors
    std::vector<ConnectorEntry> connectors;
    bool policy_written = false;  ///< without: anonymous clients of this machine, and nothing may listen for others
    AnonymousFrom anonymous = AnonymousFrom::loopback;
    bool allow_all = true;  ///< false: nobody may do anything
    std::optional<StoreOptions> store;  ///< none: nothing outlives the process
    std::string store_where;            ///< for errors
    Limits limits;
    Address admin;
    std::vector<std::string> admin_hosts;
    std::optional<TlsSettings> admin_tls;
    std::string admin_where;  ///< for errors
    Duration sys_interval = std::chrono::seconds(10);  ///< between two rounds of `$SYS/broker/` values; zero: none
    LogLevel log_level = LogLevel::info;
    LogFormat log_format = LogFormat::text;
    std::uint32_t log_messages_sample = 0;  ///< one of so many messages is logged; 0: none
};

/// The declaration of everything, with what the connectors declare.
config::Schema configuration_schema(const std::vector<Descriptor>& descriptors);

/// Reads a file; an empty path means the defaults. Throws config::ConfigError.
Configuration load_configuration(const std::string& path, const std::vector<Descriptor>& descriptors);

}  // namespace junctor
