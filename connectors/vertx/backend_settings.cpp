#include "connectors/vertx/backend_settings.hpp"

#include <set>

#include "core/base/setup_error.hpp"
#include "core/config/optional_text.hpp"
#include "core/model/topic.hpp"

namespace junctor::vertx {

namespace {

constexpr std::string_view plain_scheme = "vertx://";
constexpr std::string_view tls_scheme = "vertxs://";

void read_url(const config::Section& section, BackendSettings& settings) {
    std::string_view rest = section.text("url");
    settings.tls = rest.starts_with(tls_scheme);
    const bool known = settings.tls || rest.starts_with(plain_scheme);
    if (known) rest.remove_prefix((settings.tls ? tls_scheme : plain_scheme).size());
    const std::size_t colon = rest.rfind(':');
    if (known && colon != rest.npos) {
        settings.host = rest.substr(0, colon);
        settings.port = rest.substr(colon + 1);
    }
    if (settings.host.starts_with('[') && settings.host.ends_with(']')) settings.host = settings.host.substr(1, settings.host.size() - 2);
    const bool number = !settings.port.empty() && settings.port.size() <= 5 && settings.port.find_first_not_of("0123456789") == std::string::npos &&
                        std::stoul(settings.port) <= UINT16_MAX;
    if (settings.host.empty() || !number || rest.find_first_of("/@?#") != rest.npos)
        throw SetupError(section.where("url") + ": not the place of a TCP event bus bridge; write vertx://host:port, or vertxs://host:port for TLS");
}

void read_addresses(const config::Section& section, BackendSettings& settings) {
    std::set<std::string> topics;
    std::set<std::string> addresses{settings.address};
    for (const config::Section& each : section.sections("addresses")) {
        MappedAddress mapped{each.text("topic"), each.has("address") ? each.text("address") : each.text("topic"), each.text("how") == "send"};
        const Result<Topic> topic = Topic::parse({}, mapped.topic);
        if (!topic || topic->reserved()) throw SetupError(each.where("topic") + ": not a topic that an address can stand for: " + mapped.topic);
        if (!topics.insert(mapped.topic).second) throw SetupError(each.where("topic") + ": the topic has an address already: " + mapped.topic);
        if (mapped.address.empty() || !addresses.insert(mapped.address).second)
            throw SetupError(each.where("address") + ": the address is taken already: " + mapped.address);
        settings.addresses.push_back(std::move(mapped));
    }
}

}  // namespace

config::Schema backend_fields() {
    using config::Field;
    using config::Type;
    return {
        Field{.name = "url", .type = Type::text, .doc = "The TCP event bus bridge: vertx://host:port, or vertxs://host:port for TLS.",
              .example = "vertx://127.0.0.1:7000", .required = true},
        Field{.name = "address", .type = Type::text,
              .doc = "The address by which everything travels that has none of its own. The same at all gateways, and nobody else's; the bridge must permit it both ways.",
              .fallback = "junctor", .example = "junctor"},
        Field{.name = "addresses", .type = Type::section_list, .doc = "Topics that are addresses of Vert.x applications, one to one.",
              .fields = {Field{.name = "topic", .type = Type::text, .doc = "The topic, without wildcards.", .example = "orders/new", .required = true},
                         Field{.name = "address", .type = Type::text, .doc = "Its address; the same text unless given.", .example = "orders.new"},
                         Field{.name = "how", .type = Type::choice,
                               .doc = "What is published there goes to all receivers (publish) or to one by turns (send). Requests always go to one.",
                               .fallback = "publish", .choices = {"publish", "send"}}}},
        Field{.name = "ca", .type = Type::path, .doc = "With vertxs: who may have signed the bridge's certificate, PEM. Absent: whom the system trusts."},
        Field{.name = "cert", .type = Type::path, .doc = "With vertxs: certificate chain of this gateway, PEM."},
        Field{.name = "key", .type = Type::path, .doc = "Private key of it, PEM."},
        Field{.name = "waiting", .type = Type::integer,
              .doc = "Most messages that the bridge has not confirmed; publishers of more hear that the gateway is overloaded.",
              .fallback = "10000", .min = 1, .max = 1'000'000},
        Field{.name = "max_payload", .type = Type::size, .doc = "Largest payload that crosses; publishers of larger ones hear why.", .fallback = "8MiB",
              .min = 1'024, .max = 64 << 20},
        Field{.name = "keep_alive", .type = Type::duration, .doc = "Silence after which the bridge is pinged; twice that without an answer, and the line is dead.",
              .fallback = "5s"},
    };
}

BackendSettings read_backend_settings(const config::Section& section) {
    BackendSettings settings;
    read_url(section, settings);
    settings.ca_file = config::optional_text(section, "ca");
    settings.certificate = config::optional_text(section, "cert");
    settings.key = config::optional_text(section, "key");
    settings.address = section.text("address");
    settings.waiting = static_cast<std::size_t>(section.integer("waiting"));
    settings.max_payload = section.size("max_payload");
    settings.keep_alive = section.duration("keep_alive");
    if (settings.certificate.empty() != settings.key.empty())
        throw SetupError(section.where("cert") + ": a certificate needs its key, and a key its certificate");
    if (settings.address.empty()) throw SetupError(section.where("address") + ": an address is not empty");
    if (settings.keep_alive < std::chrono::milliseconds(100)) throw SetupError(section.where("keep_alive") + ": at least 100ms");
    read_addresses(section, settings);
    return settings;
}

}  // namespace junctor::vertx
