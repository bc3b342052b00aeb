#include "gateway/configuration.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "core/config/load.hpp"
#include "gateway/limit_fields.hpp"

namespace junctor {

namespace {

using config::Section;

std::uint16_t cores(std::int64_t configured) {
    constexpr std::int64_t most = 128;
    const std::int64_t wanted = configured > 0 ? configured : std::int64_t{std::thread::hardware_concurrency()};
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(wanted, 1, most));
}

std::optional<TlsSettings> tls_settings(const Section& connector) {
    if (!connector.has("tls")) return std::nullopt;
    const Section& tls = connector.section("tls");
    TlsSettings settings{tls.text("cert"), tls.text("key"), {}};
    if (tls.has("client_ca")) settings.client_ca = tls.text("client_ca");
    settings.client_required = tls.text("client_cert") == "required";
    return settings;
}

/// The type, or with a number where that is taken.
std::string free_name(const std::string& type, const std::set<std::string>& taken) {
    std::string name = type;
    for (int number = 2; taken.contains(name); ++number) name = type + "-" + std::to_string(number);
    return name;
}

std::set<std::string> written_names(const std::vector<Section>& entries, std::vector<std::string>& problems) {
    std::set<std::string> names;
    for (const Section& entry : entries)
        if (entry.has("name") && !names.insert(entry.text("name")).second)
            problems.push_back(entry.where("name") + ": two connectors are named '" + entry.text("name") + "'; rename one");
    return names;
}

std::vector<ConnectorEntry> connectors(const std::vector<Section>& entries, std::vector<std::string>& problems) {
    std::set<std::string> names = written_names(entries, problems);
    std::vector<ConnectorEntry> connectors;
    for (const Section& entry : entries) {
        const std::string& type = entry.text("type");
        const std::string name = entry.has("name") ? entry.text("name") : free_name(type, names);
        names.insert(name);
        connectors.push_back({type, name, entry, tls_settings(entry)});
    }
    return connectors;
}

AnonymousFrom anonymous(const Section& policy) {
    AnonymousFrom from = AnonymousFrom::nobody;
    for (const Section& entry : policy.sections("authenticators"))
        from = std::max(from, entry.text("from") == "any" ? AnonymousFrom::anywhere : AnonymousFrom::loopback);
    return from;
}

void read_policy(const Section& root, Configuration& configuration) {
    configuration.policy_written = root.has("policy");
    if (!configuration.policy_written) return;
    configuration.anonymous = anonymous(root.section("policy"));
    configuration.allow_all = !root.section("policy").sections("authorizers").empty();
}

std::optional<StoreOptions> store(const Section& section) {
    const std::string& durability = section.text("durability");
    if (!section.has("dir") || durability == "memory") return std::nullopt;
    return StoreOptions{.dir = section.text("dir"), .durability = durability == "os" ? Durability::os : Durability::fsync};
}

void read_admin(const Section& admin, Configuration& configuration) {
    configuration.admin = Address::parse(admin.text("address")).value();
    configuration.admin_hosts = admin.texts("hosts");
    configuration.admin_tls = tls_settings(admin);
    configuration.admin_where = admin.where("address");
}

LogLevel log_level(const std::string& name) {
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning})
        if (to_string(level) == name) return level;
    return LogLevel::error;
}

Configuration read(const Section& root, std::vector<std::string>& problems) {
    Configuration configuration;
    configuration.cores = cores(root.integer("cores"));
    configuration.cores_where = root.where("cores");
    configuration.connectors = connectors(root.sections("connectors"), problems);
    read_policy(root, configuration);
    configuration.store = store(root.section("store"));
    configuration.store_where = root.section("store").where("dir");
    configuration.limits = read_limits(root.section("limits"));
    read_admin(root.section("admin"), configuration);
    configuration.sys_interval = root.duration("sys_interval");
    configuration.log_level = log_level(root.section("log").text("level"));
    configuration.log_format = root.section("log").text("format") == "json" ? LogFormat::json : LogFormat::text;
    configuration.log_messages_sample = static_cast<std::uint32_t>(root.section("log").section("messages").integer("sample"));
    return configuration;
}

}  // namespace

Configuration load_configuration(const std::string& path, const std::vector<Descriptor>& descriptors) {
    const config::Schema schema = configuration_schema(descriptors);
    std::vector<std::string> problems;
    Configuration configuration = read(path.empty() ? config::load_defaults(schema) : config::load_file(path, schema), problems);
    if (!problems.empty()) throw config::ConfigError(std::move(problems));
    configuration.source = path.empty() ? "defaults" : path;
    return configuration;
}

}  // namespace junctor
