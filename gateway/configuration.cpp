#include "gateway/configuration.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "core/config/load.hpp"
#include "core/config/nearest_name.hpp"
#include "gateway/history_fields.hpp"
#include "gateway/limit_fields.hpp"
#include "gateway/setup_problems.hpp"

namespace junctor {

namespace {

using config::Section;

std::uint16_t cores(std::int64_t configured) {
    constexpr std::int64_t most = 128;
    const std::int64_t wanted = configured > 0 ? configured : std::int64_t{std::thread::hardware_concurrency()};
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(wanted, 1, most));
}

/// Without somebody who signs them no certificate is ever asked for: who has demanded one hears that, before strangers are let in.
void check_client_cert(const Section& tls, SetupProblems& problems) {
    if (tls.has("client_cert") && !tls.has("client_ca") && tls.sound("client_ca"))
        problems.add(tls.where("client_cert"),
                     "'client_cert' has no effect without 'client_ca', the file of who signs the clients' certificates; add that, or remove this");
}

std::optional<TlsSettings> tls_settings(const Section& connector, SetupProblems& problems) {
    if (!connector.has("tls")) return std::nullopt;
    const Section& tls = connector.section("tls");
    check_client_cert(tls, problems);
    TlsSettings settings{tls.text("cert"), tls.text("key"), {}};
    for (const Section& pair : tls.sections("by_name")) settings.by_name.push_back({pair.text("cert"), pair.text("key")});
    if (tls.has("client_ca")) settings.client_ca = tls.text("client_ca");
    if (tls.has("crl")) settings.crl = tls.text("crl");
    settings.client_required = !tls.has("client_cert") || tls.text("client_cert") == "required";
    return settings;
}

/// Of the address where the server of a backend or bridge calls.
std::optional<TlsSettings> door_tls(const Section& remote, SetupProblems& problems) {
    return remote.has("listen") ? tls_settings(remote.section("listen"), problems) : std::nullopt;
}

/// Empty where it could not be read.
std::string type_of(const Section& entry) { return entry.has("type") ? entry.text("type") : std::string(); }

/// The type, or with a number where that is taken.
std::string free_name(const std::string& type, const std::set<std::string>& taken) {
    std::string name = type;
    for (int number = 2; taken.contains(name); ++number) name = type + "-" + std::to_string(number);
    return name;
}

/// Whether it is beyond doubt what an entry is called.
bool has_known_name(const Section& entry) { return entry.sound("name") && (entry.has("name") || entry.has("type")); }

/// The entries' names, in order; empty where one is not known. `kind` is what they are, for errors.
std::vector<std::string> names_of(const std::vector<Section>& entries, const std::string& kind, SetupProblems& problems) {
    std::set<std::string> taken;
    for (const Section& entry : entries)
        if (entry.has("name") && !taken.insert(entry.text("name")).second)
            problems.add(entry.where("name"), "two " + kind + " are named '" + entry.text("name") + "'; rename one");
    std::vector<std::string> names;
    for (const Section& entry : entries) {
        names.emplace_back();
        if (has_known_name(entry)) names.back() = entry.has("name") ? entry.text("name") : free_name(entry.text("type"), taken);
        taken.insert(names.back());
    }
    return names;
}

std::optional<std::vector<std::string>> chain(const Section& entry) {
    if (!entry.has("authenticators")) return std::nullopt;
    return entry.texts("authenticators");
}

std::vector<ConnectorEntry> connectors(const std::vector<Section>& entries, SetupProblems& problems) {
    const std::vector<std::string> names = names_of(entries, "connectors", problems);
    std::vector<ConnectorEntry> connectors;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Section& entry = entries[i];
        if (names[i] == admin_name)
            problems.add(entry.where("name"), "a connector cannot be named 'admin', as the admin API is; rename it");
        connectors.push_back({type_of(entry), names[i], entry, tls_settings(entry, problems), chain(entry)});
    }
    return connectors;
}

std::vector<PolicyEntry> policy_entries(const Section& policy, const std::string& kind, SetupProblems& problems) {
    const std::vector<Section>& entries = policy.sections(kind);
    const std::vector<std::string> names = names_of(entries, kind, problems);
    std::vector<PolicyEntry> read;
    for (std::size_t i = 0; i < entries.size(); ++i) read.push_back({type_of(entries[i]), names[i], entries[i]});
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

PolicySettings policy(const Section& section, const std::filesystem::path& directory, SetupProblems& problems) {
    PolicySettings settings;
    settings.authenticators = policy_entries(section, "authenticators", problems);
    settings.authorizers = policy_entries(section, "authorizers", problems);
    settings.tenants = section.sections("tenants");
    settings.other_tenants = section.text("other_tenants") == "accepted";
    settings.tenants_known = section.sound("tenants") && section.sound("other_tenants");
    settings.limits = quotas(section.section("limits"));
    if (section.has("audit") && section.sound("audit")) settings.audit = directory / section.section("audit").text("file");
    settings.audit_where = section.section("audit").where("file");
    return settings;
}

/// A policy that could not be read is one that names nobody.
std::optional<PolicySettings> policy(const Section& root, const Configuration& configuration, SetupProblems& problems) {
    if (!root.has("policy") && root.sound("policy")) return std::nullopt;
    return policy(root.section("policy"), configuration.directory, problems);
}

/// The names that chains may hold; none: some of them could not be read.
std::optional<std::vector<std::string>> known_authenticators(const Section& policy) {
    const std::vector<Section>& entries = policy.sections("authenticators");
    const bool all_there = policy.sound("authenticators") || std::ranges::any_of(entries, [](const Section& each) { return !each.sound(); });
    if (!all_there || !std::ranges::all_of(entries, has_known_name)) return std::nullopt;
    SetupProblems told(std::string{});
    return names_of(entries, {}, told);
}

/// Every name of a chain is that of an authenticator.
void check_chain(const std::optional<std::vector<std::string>>& chain, const std::string& where, const Section& root, SetupProblems& problems) {
    if (!chain) return;
    if (!root.has("policy")) {
        if (root.sound("policy")) problems.add(where, "'authenticators' names some of those under 'policy:', which is not there");
        return;
    }
    const std::optional<std::vector<std::string>> known = known_authenticators(root.section("policy"));
    if (!known) return;
    for (const std::string& name : *chain)
        if (std::find(known->begin(), known->end(), name) == known->end())
            problems.add(where, "no authenticator is named '" + name + "'" + config::suggestion(name, *known));
}

void check_chains(const Configuration& configuration, const Section& root, SetupProblems& problems) {
    for (const ConnectorEntry& entry : configuration.connectors)
        check_chain(entry.authenticators, entry.section.where("authenticators"), root, problems);
    check_chain(configuration.admin_authenticators, root.section("admin").where("authenticators"), root, problems);
}

std::optional<StoreOptions> store(const Section& section) {
    const std::string& durability = section.text("durability");
    if (!section.has("dir") || durability == "memory") return std::nullopt;
    return StoreOptions{.dir = section.text("dir"), .durability = durability == "os" ? Durability::os : Durability::fsync};
}

void read_admin(const Section& root, Configuration& configuration, SetupProblems& problems) {
    const Section& admin = root.section("admin");
    configuration.admin_known = root.sound("admin");
    configuration.admin = Address::parse(admin.text("address")).value();
    configuration.admin_hosts = admin.texts("hosts");
    configuration.admin_tls = tls_settings(admin, problems);
    configuration.admin_authenticators = chain(admin);
    configuration.admin_where = admin.where("address");
}

LogLevel log_level(const std::string& name) {
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning})
        if (to_string(level) == name) return level;
    return LogLevel::error;
}

std::optional<BackendEntry> backend(const Section& root, SetupProblems& problems) {
    if (!root.has("backend")) return std::nullopt;
    const Section& section = root.section("backend");
    if (type_of(section) == "embedded") return std::nullopt;
    return BackendEntry{type_of(section), section, door_tls(section, problems)};
}

std::vector<BridgeEntry> bridges(const std::vector<Section>& entries, SetupProblems& problems) {
    std::vector<BridgeEntry> bridges;
    const std::vector<std::string> names = names_of(entries, "bridges", problems);
    for (std::size_t i = 0; i < entries.size(); ++i) bridges.push_back({type_of(entries[i]), names[i], entries[i], door_tls(entries[i], problems)});
    return bridges;
}

void read_history(const Section& root, Configuration& configuration, SetupProblems& problems) {
    const std::vector<Section>& entries = root.sections("history");
    if (entries.empty()) return;
    configuration.history_where = root.where("history");
    const bool bounded = root.section("limits").sound("history");
    configuration.history = read_history(entries, bounded ? std::optional(configuration.limits.history) : std::nullopt, problems);
}

Configuration read(const Section& root, const std::string& path, SetupProblems& problems) {
    Configuration configuration;
    configuration.source = path.empty() ? "defaults" : path;
    configuration.directory = std::filesystem::path(path).parent_path();
    configuration.cores = cores(root.integer("cores"));
    configuration.cores_where = root.where("cores");
    if (root.has("name")) configuration.name = root.text("name");
    configuration.name_where = root.where("name");
    configuration.backend = backend(root, problems);
    configuration.bridges = bridges(root.sections("bridges"), problems);
    configuration.connectors = connectors(root.sections("connectors"), problems);
    configuration.policy = policy(root, configuration, problems);
    configuration.store = store(root.section("store"));
    configuration.store_where = root.section("store").where("dir");
    configuration.limits = read_limits(root.section("limits"));
    configuration.packet_limit_known = root.section("limits").sound("packet");
    read_history(root, configuration, problems);
    read_admin(root, configuration, problems);
    check_chains(configuration, root, problems);
    configuration.sys_interval = root.duration("sys_interval");
    configuration.log_level = log_level(root.section("log").text("level"));
    configuration.log_format = root.section("log").text("format") == "json" ? LogFormat::json : LogFormat::text;
    configuration.log_messages_sample = static_cast<std::uint32_t>(root.section("log").section("messages").integer("sample"));
    return configuration;
}

}  // namespace

ConfigurationReading read_configuration(const std::string& path, const std::vector<Descriptor>& descriptors) {
    const config::Schema schema = configuration_schema(descriptors);
    config::Reading reading = path.empty() ? config::read_defaults(schema) : config::read_document(path, schema);
    SetupProblems problems(std::move(reading.problems));
    Configuration configuration = read(reading.root, path, problems);
    return {std::move(configuration), problems.take()};
}

Configuration load_configuration(const std::string& path, const std::vector<Descriptor>& descriptors) {
    ConfigurationReading reading = read_configuration(path, descriptors);
    if (!reading.problems.empty()) throw config::ConfigError(reading.problems.lines());
    return std::move(reading.configuration);
}

}  // namespace junctor
