#include "gateway/configuration.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "core/config/load.hpp"
#include "core/config/nearest_name.hpp"
#include "gateway/history_fields.hpp"
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
    for (const Section& pair : tls.sections("by_name")) settings.by_name.push_back({pair.text("cert"), pair.text("key")});
    if (tls.has("client_ca")) settings.client_ca = tls.text("client_ca");
    if (tls.has("crl")) settings.crl = tls.text("crl");
    settings.client_required = tls.text("client_cert") == "required";
    return settings;
}

/// Of the address where the server of a backend or bridge calls.
std::optional<TlsSettings> door_tls(const Section& remote) { return remote.has("listen") ? tls_settings(remote.section("listen")) : std::nullopt; }

/// The type, or with a number where that is taken.
std::string free_name(const std::string& type, const std::set<std::string>& taken) {
    std::string name = type;
    for (int number = 2; taken.contains(name); ++number) name = type + "-" + std::to_string(number);
    return name;
}

/// The entries' names, in order. `kind` is what they are, for errors.
std::vector<std::string> names_of(const std::vector<Section>& entries, const std::string& kind, std::vector<std::string>& problems) {
    std::set<std::string> taken;
    for (const Section& entry : entries)
        if (entry.has("name") && !taken.insert(entry.text("name")).second)
            problems.push_back(entry.where("name") + ": two " + kind + " are named '" + entry.text("name") + "'; rename one");
    std::vector<std::string> names;
    for (const Section& entry : entries) {
        names.push_back(entry.has("name") ? entry.text("name") : free_name(entry.text("type"), taken));
        taken.insert(names.back());
    }
    return names;
}

std::optional<std::vector<std::string>> chain(const Section& entry) {
    if (!entry.has("authenticators")) return std::nullopt;
    return entry.texts("authenticators");
}

std::vector<ConnectorEntry> connectors(const std::vector<Section>& entries, std::vector<std::string>& problems) {
    const std::vector<std::string> names = names_of(entries, "connectors", problems);
    std::vector<ConnectorEntry> connectors;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Section& entry = entries[i];
        if (names[i] == admin_name)
            problems.push_back(entry.where("name") + ": a connector cannot be named 'admin', as the admin API is; rename it");
        connectors.push_back({entry.text("type"), names[i], entry, tls_settings(entry), chain(entry)});
    }
    return connectors;
}

std::vector<PolicyEntry> policy_entries(const Section& policy, const std::string& kind, std::vector<std::string>& problems) {
    const std::vector<Section>& entries = policy.sections(kind);
    const std::vector<std::string> names = names_of(entries, kind, problems);
    std::vector<PolicyEntry> read;
    for (std::size_t i = 0; i < entries.size(); ++i) read.push_back({entries[i].text("type"), names[i], entries[i]});
    return read;
}

Quota quota(const Section& section) {
    Quota read;
    if (section.has("connections")) read.connections = static_cast<std::uint64_t>(section.integer("connections"));
    read.messages_per_second = static_cast<std::uint64_t>(section.integer("messages_per_second"));
    read.bytes_per_second = section.size("bytes_per_second");
    read.payload = section.size("payload");
    read.queued = section.size("queued");
    read.subscriptions = static_cast<std::uint64_t>(section.integer("subscriptions"));
    return read;
}

Quotas::Limits quotas(const Section& limits) {
    return {quota(limits.section("connection")), quota(limits.section("principal")), quota(limits.section("tenant"))};
}

PolicySettings policy(const Section& section, const std::filesystem::path& directory, std::vector<std::string>& problems) {
    PolicySettings settings;
    settings.authenticators = policy_entries(section, "authenticators", problems);
    settings.authorizers = policy_entries(section, "authorizers", problems);
    settings.tenants = section.sections("tenants");
    settings.other_tenants = section.text("other_tenants") == "accepted";
    settings.limits = quotas(section.section("limits"));
    if (section.has("audit")) settings.audit = directory / section.section("audit").text("file");
    settings.audit_where = section.section("audit").where("file");
    return settings;
}

/// Every name of a chain is that of an authenticator.
void check_chain(const std::optional<std::vector<std::string>>& chain, const std::string& where,
                 const std::optional<PolicySettings>& policy, std::vector<std::string>& problems) {
    if (!chain) return;
    if (!policy) return problems.push_back(where + ": 'authenticators' names some of those under 'policy:', which is not there");
    std::vector<std::string> known;
    for (const PolicyEntry& entry : policy->authenticators) known.push_back(entry.name);
    for (const std::string& name : *chain)
        if (std::find(known.begin(), known.end(), name) == known.end())
            problems.push_back(where + ": no authenticator is named '" + name + "'" + config::suggestion(name, known));
}

void check_chains(const Configuration& configuration, const Section& admin, std::vector<std::string>& problems) {
    for (const ConnectorEntry& entry : configuration.connectors)
        check_chain(entry.authenticators, entry.section.where("authenticators"), configuration.policy, problems);
    check_chain(configuration.admin_authenticators, admin.where("authenticators"), configuration.policy, problems);
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
    configuration.admin_authenticators = chain(admin);
    configuration.admin_where = admin.where("address");
}

LogLevel log_level(const std::string& name) {
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning})
        if (to_string(level) == name) return level;
    return LogLevel::error;
}

std::optional<BackendEntry> backend(const Section& root) {
    if (!root.has("backend")) return std::nullopt;
    const Section& section = root.section("backend");
    if (section.text("type") == "embedded") return std::nullopt;
    return BackendEntry{section.text("type"), section, door_tls(section)};
}

std::vector<BridgeEntry> bridges(const std::vector<Section>& entries, std::vector<std::string>& problems) {
    std::vector<BridgeEntry> bridges;
    std::set<std::string> names;
    for (const Section& entry : entries) {
        bridges.push_back({entry.text("type"), entry.text("name"), entry, door_tls(entry)});
        if (!names.insert(entry.text("name")).second)
            problems.push_back(entry.where("name") + ": two bridges are named '" + entry.text("name") + "'; rename one");
    }
    return bridges;
}

Configuration read(const Section& root, const std::string& path, std::vector<std::string>& problems) {
    Configuration configuration;
    configuration.source = path.empty() ? "defaults" : path;
    configuration.directory = std::filesystem::path(path).parent_path();
    configuration.cores = cores(root.integer("cores"));
    configuration.cores_where = root.where("cores");
    if (root.has("name")) configuration.name = root.text("name");
    configuration.name_where = root.where("name");
    configuration.backend = backend(root);
    configuration.bridges = bridges(root.sections("bridges"), problems);
    configuration.connectors = connectors(root.sections("connectors"), problems);
    if (root.has("policy")) configuration.policy = policy(root.section("policy"), configuration.directory, problems);
    configuration.store = store(root.section("store"));
    configuration.store_where = root.section("store").where("dir");
    configuration.limits = read_limits(root.section("limits"));
    configuration.history = read_history(root.sections("history"), configuration.limits, problems);
    read_admin(root.section("admin"), configuration);
    check_chains(configuration, root.section("admin"), problems);
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
    Configuration configuration = read(path.empty() ? config::load_defaults(schema) : config::load_file(path, schema), path, problems);
    if (!problems.empty()) throw config::ConfigError(std::move(problems));
    return configuration;
}

}  // namespace junctor
