#include "gateway/configuration.hpp"
#include "gateway/history_fields.hpp"
#include "gateway/limit_fields.hpp"
#include "policy/plugin.hpp"

namespace junctor {

namespace {

using config::Field;
using config::Schema;
using config::Type;
using config::Variant;

/// Every default instance of every connector, as a list in YAML flow style.
std::string default_connectors(const std::vector<Descriptor>& descriptors) {
    std::string list;
    for (const Descriptor& descriptor : descriptors)
        for (const std::string& entry : descriptor.defaults)
            list += (list.empty() ? "" : ", ") + ("{type: " + descriptor.name + ", " + entry.substr(1));
    return "[" + list + "]";
}

Field tls() {
    return {.name = "tls",
            .type = Type::section,
            .doc = "Encrypts the address; every connector on the same address must say the same or nothing.",
            .example = "{cert: cert.pem, key: key.pem}",
            .fields = {{.name = "cert", .type = Type::path, .doc = "Certificate chain, PEM.", .required = true},
                       {.name = "key", .type = Type::path, .doc = "Private key, PEM.", .required = true},
                       {.name = "by_name",
                        .type = Type::section_list,
                        .doc = "Further certificates: who asks for a name that one of them is for (SNI) is shown it, everybody else the first.",
                        .fallback = "[]",
                        .example = "[{cert: other.pem, key: other.key}]",
                        .fields = {{.name = "cert", .type = Type::path, .doc = "Certificate chain, PEM.", .required = true},
                                   {.name = "key", .type = Type::path, .doc = "Private key, PEM.", .required = true}}},
                       {.name = "client_ca", .type = Type::path, .doc = "Asks clients for a certificate that one of these signed, PEM."},
                       {.name = "crl",
                        .type = Type::path,
                        .doc = "Which of those no longer count: revocation list of the client_ca, PEM. Read at start and reload; an outdated one "
                               "lets nobody in."},
                       {.name = "client_cert",
                        .type = Type::choice,
                        .doc = "Whether a client without a certificate is refused; needs client_ca. Absent: required where there is one.",
                        .example = "required",
                        .choices = {"required", "optional"}}}};
}

/// The fields of a backend, where its server can call it with `tls`, as at every address.
config::Schema remote_fields(const Descriptor& descriptor) {
    config::Schema fields = descriptor.backend_fields;
    for (Field& each : fields)
        if (each.name == "listen" && each.type == Type::section) each.fields.push_back(tls());
    return fields;
}

Field chain() {
    return {.name = "authenticators",
            .type = Type::text_list,
            .doc = "Whom it asks who a client is, by name, in order; all that stand under policy unless given.",
            .example = "[plant, staff]"};
}

Field connectors(const std::vector<Descriptor>& descriptors) {
    Field field{.name = "connectors",
                .type = Type::section_list,
                .doc = "How clients come in. The same address may stand in several entries that speak HTTP.",
                .fallback = default_connectors(descriptors),
                .fields = {{.name = "name", .type = Type::text, .doc = "Name in logs and metrics; the type unless given."}, chain()}};
    for (const Descriptor& descriptor : descriptors) {
        if (descriptor.make_backend && !descriptor.make_listener) continue;
        Variant variant{descriptor.name, descriptor.summary, descriptor.fields};
        if (descriptor.takes_tls) variant.fields.push_back(tls());
        field.variants.push_back(std::move(variant));
    }
    return field;
}

/// One list of plug-ins.
template <class PluginDescriptor>
Field plugins(const std::string& name, const std::string& doc, const std::vector<PluginDescriptor>& descriptors) {
    Field field{.name = name,
                .type = Type::section_list,
                .doc = doc,
                .required = true,
                .fields = {{.name = "name", .type = Type::text, .doc = "Name in logs and verdicts; the type unless given."}}};
    for (const PluginDescriptor& descriptor : descriptors) field.variants.push_back({descriptor.name, descriptor.summary, descriptor.fields});
    return field;
}

std::vector<Field> quota_fields(bool counts_connections) {
    std::vector<Field> fields = {
        {.name = "messages_per_second", .type = Type::integer, .doc = "Messages that may be published; 0: any number.", .fallback = "0"},
        {.name = "bytes_per_second", .type = Type::size, .doc = "Bytes of payload that may be published; 0: any number.", .fallback = "0"},
        {.name = "payload", .type = Type::size, .doc = "Largest payload; 0: what 'limits: {packet: ...}' lets through.", .fallback = "0"},
        {.name = "subscriptions",
         .type = Type::integer,
         .doc = "Subscriptions that may be held at the same time, those of sleeping sessions included; 0: any number.",
         .fallback = "0"},
        {.name = "queued",
         .type = Type::size,
         .doc = "Bytes that may wait in the queues of durable sessions, and for connections that do not take them; 0: any number. "
                "What is more goes as 'limits: {offline_overflow: ...}' and 'outbound_queue' say.",
         .fallback = "0"}};
    if (counts_connections)
        fields.insert(fields.begin(), {.name = "connections",
                                       .type = Type::integer,
                                       .doc = "Sessions that may be connected at the same time; 0: any number.",
                                       .fallback = "0"});
    return fields;
}

Field quotas() {
    const auto scope = [](const std::string& name, const std::string& doc, bool counts_connections) {
        return Field{.name = name, .type = Type::section, .doc = doc, .fields = quota_fields(counts_connections)};
    };
    return {.name = "limits",
            .type = Type::section,
            .doc = "What one may take of the gateway; more is refused in the words of each protocol. Rates allow a second's worth at once.",
            .example = "{principal: {connections: 10, messages_per_second: 1000}}",
            .fields = {scope("connection", "Each connection.", false), scope("principal", "All connections of a principal together.", true),
                       scope("tenant", "All connections of a tenant together.", true)}};
}

Field audit() {
    return {.name = "audit",
            .type = Type::section,
            .doc = "Who came and went, what was refused to whom, and who administered; never what messages say.",
            .example = "{file: audit.log}",
            .fields = {{.name = "file",
                        .type = Type::text,
                        .doc = "A file to append to, one JSON object a line. SIGHUP opens it anew.",
                        .required = true}}};
}

Field policy() {
    Field authenticators =
        plugins("authenticators", "Asked in order who a client is. Nobody left to ask means no.", authenticator_descriptors());
    authenticators.fields.push_back(
        {.name = "tenant", .type = Type::text, .doc = "Where those belong whose credentials name no tenant; the default tenant unless given."});
    return {
        .name = "policy",
        .type = Type::section,
        .doc =
            "Who may connect and what they may do. Without it: anybody on this machine, everything, and no address that others can reach.",
        .example = "{authenticators: [{type: anonymous, from: any}], authorizers: [{type: allow_all}]}",
        .fields = {std::move(authenticators),
                   plugins("authorizers", "All are asked what a client may do: one no is a no, and nobody's yes too.", authorizer_descriptors()),
                   {.name = "tenants",
                    .type = Type::section_list,
                    .doc = "Topic roots of their own, which nobody sees beyond; those who belong to none share the default one.",
                    .fallback = "[]",
                    .fields = {{.name = "name", .type = Type::text, .doc = "As credentials and rules name it.", .required = true}}},
                   {.name = "other_tenants",
                    .type = Type::choice,
                    .doc = "Whether credentials may name a tenant that does not stand under tenants.",
                    .fallback = "refused",
                    .choices = {"refused", "accepted"}},
                   quotas(),
                   audit()}};
}

Field backend(const std::vector<Descriptor>& descriptors) {
    const Field promises{.name = "promises",
                         .type = Type::text_list,
                         .doc = "What the backend must be able to keep, of qos_1, qos_2, wildcards, retained, history, shared_groups, headers, "
                                "ordered, durable; one that cannot is refused.",
                         .fallback = "[]",
                         .example = "[retained, shared_groups]"};
    Field field{.name = "backend",
                .type = Type::section,
                .doc = "What carries messages between gateways: all with the same one behave as one gateway.",
                .example = "{type: embedded}",
                .variants = {{"embedded", "This process alone; messages live in its memory.", {}}}};
    for (const Descriptor& descriptor : descriptors) {
        if (!descriptor.make_backend) continue;
        Variant variant{descriptor.name, "A server of that system carries messages between gateways.", remote_fields(descriptor)};
        variant.fields.push_back(promises);
        field.variants.push_back(std::move(variant));
    }
    return field;
}

Field rules(const std::string& name, const std::string& doc) {
    return {.name = name,
            .type = Type::section_list,
            .doc = doc,
            .fallback = "[]",
            .fields = {{.name = "filter", .type = Type::text, .doc = "Which topics, as they are called where they come from.", .required = true},
                       {.name = "strip", .type = Type::text, .doc = "What a topic begins with there and loses on the way."},
                       {.name = "add", .type = Type::text, .doc = "What is put before the rest of it."},
                       {.name = "qos",
                        .type = Type::choice,
                        .doc = "At most this guarantee: 1 waits in the queue while the other side is away, 0 does not. There is no 2: what was under way "
                                "in a crash goes again, and the other side takes it for another message.",
                        .fallback = "1",
                        .choices = {"0", "1"}}}};
}

Field bridges(const std::vector<Descriptor>& descriptors) {
    Field field{.name = "bridges",
                .type = Type::section_list,
                .doc = "Servers elsewhere with which some topics are shared, by rules.",
                .fallback = "[]",
                .example = "[{name: cloud, type: mqtt, url: \"mqtt://broker.example:1883\", out: [{filter: \"up/#\"}]}]",
                .fields = {{.name = "name", .type = Type::text, .doc = "Its principal is bridge:<name>.", .required = true},
                           {.name = "peer",
                            .type = Type::text,
                            .doc = "The other side's name in hop paths, by which loops are found; the url's host and port unless given."},
                           rules("out", "What goes there."),
                           rules("in", "What comes from there.")}};
    for (const Descriptor& descriptor : descriptors)
        if (descriptor.make_backend)
            field.variants.push_back({descriptor.name, "A server of that system is the other side.", remote_fields(descriptor)});
    return field;
}

Field store() {
    return {.name = "store",
            .type = Type::section,
            .doc = "Where durable sessions, their messages and retained values are kept.",
            .example = "{dir: /var/lib/junctor, durability: fsync}",
            .fields = {{.name = "dir",
                        .type = Type::directory,
                        .doc = "A directory for this gateway alone, made if it is not there. Without it a restart forgets everything."},
                       {.name = "durability",
                        .type = Type::choice,
                        .doc = "What an acknowledged message survives: fsync a power cut, os the end of the process, memory neither.",
                        .fallback = "fsync",
                        .choices = {"fsync", "os", "memory"}}}};
}

Field admin() {
    return {.name = "admin",
            .type = Type::section,
            .doc = "Health, metrics and the admin API.",
            .fields = {{.name = "address", .type = Type::address, .doc = "Where it listens.", .fallback = "127.0.0.1:8081"},
                       tls(),
                       {.name = "hosts",
                        .type = Type::text_list,
                        .doc = "Host names by which clients may call it, besides localhost and numeric addresses.",
                        .fallback = "[]"},
                       chain()}};
}

Field log() {
    return {
        .name = "log",
        .type = Type::section,
        .doc = "What is written to standard error.",
        .fields = {
            {.name = "level",
             .type = Type::choice,
             .doc = "The least important lines to write.",
             .fallback = "info",
             .choices = {"debug", "info", "warning", "error"}},
            {.name = "format", .type = Type::choice, .doc = "For people or for machines.", .fallback = "text", .choices = {"text", "json"}},
            {.name = "messages",
             .type = Type::section,
             .doc = "Who published what, how large, and how it ended; never what it says.",
             .example = "{sample: 100}",
             .fields = {{.name = "sample",
                         .type = Type::integer,
                         .doc = "Writes one of so many messages; 0 writes none.",
                         .fallback = "0",
                         .max = 1'000'000'000}}}}};
}

}  // namespace

Schema configuration_schema(const std::vector<Descriptor>& descriptors) {
    return {
        {.name = "name",
         .type = Type::text,
         .doc = "This gateway's name among others that a backend or bridges join. Absent: one is made up, and kept where there is a store.",
         .example = "plant-1"},
        {.name = "cores",
         .type = Type::integer,
         .doc = "Threads that serve clients; 0 means one for each core of the machine.",
         .fallback = "0",
         .max = 128},
        connectors(descriptors),
        backend(descriptors),
        bridges(descriptors),
        policy(),
        store(),
        history_field(),
        {.name = "limits", .type = Type::section, .doc = "What a peer may cost, applied before memory is spent.", .fields = limit_fields()},
        admin(),
        {.name = "sys_interval",
         .type = Type::duration,
         .doc = "How often the values below $SYS/broker/ are renewed, which MQTT monitoring tools read; 0s: there are none.",
         .fallback = "10s"},
        log()};
}

}  // namespace junctor
