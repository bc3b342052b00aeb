#include "connectors/mqtt/backend_settings.hpp"

#include "connectors/mqtt/client_mapping.hpp"
#include "core/base/setup_error.hpp"
#include "core/config/optional_text.hpp"
#include "core/model/topic.hpp"

namespace junctor::mqtt {

namespace {

std::string server_of(const config::Section& section) {
    ClientOptions options;
    options.url = section.text("url");
    if (options.url.find('@') != std::string::npos)
        throw SetupError(section.where("url") + ": a URL holds no user and no password: write mqtt://host:port, and 'user' and 'password' beside it");
    try {
        const BlockingStream::Options where = to_stream_options(options);
        const bool numeric_v6 = where.host.find(':') != std::string::npos;
        return (where.tls ? "ssl://" : "tcp://") + (numeric_v6 ? '[' + where.host + ']' : where.host) + ':' + where.port;
    } catch (const ClientError& error) {
        throw SetupError(section.where("url") + ": " + error.what());
    }
}

}  // namespace

config::Schema backend_fields() {
    using config::Field;
    using config::Type;
    return {
        Field{.name = "url", .type = Type::text, .doc = "The broker: mqtt://host:port, or mqtts://host:port for TLS.",
              .example = "mqtt://broker.example:1883", .required = true},
        Field{.name = "version", .type = Type::choice,
              .doc = "MQTT version. 3.1.1 carries no headers and no reply addresses, keeps no retained values and no shared groups.",
              .fallback = "5", .choices = {"5", "3.1.1"}},
        Field{.name = "user", .type = Type::text, .doc = "User name at the broker.", .example = "gateway"},
        Field{.name = "password", .type = Type::secret, .doc = "Password at the broker.", .example = "{file: broker.password}"},
        Field{.name = "ca", .type = Type::path, .doc = "With mqtts: who may have signed the broker's certificate, PEM. Absent: whom the system trusts."},
        Field{.name = "cert", .type = Type::path, .doc = "With mqtts: certificate chain of this gateway, PEM."},
        Field{.name = "key", .type = Type::path, .doc = "Private key of it, PEM."},
        Field{.name = "client_id", .type = Type::text, .doc = "Client identifier at the broker. Absent: junctor- and this gateway's name.",
              .example = "junctor-plant-1"},
        Field{.name = "control", .type = Type::text,
              .doc = "First topic level at the broker for what gateways tell each other. The same at all of them, and nobody else's.",
              .fallback = "junctor", .example = "junctor"},
        Field{.name = "in_flight", .type = Type::integer, .doc = "Most messages that the broker has not acknowledged.", .fallback = "1000",
              .min = 1, .max = 60'000},
        Field{.name = "waiting", .type = Type::integer,
              .doc = "Most messages that wait for room among those; publishers of more hear that the gateway is overloaded.",
              .fallback = "10000", .min = 0, .max = 1'000'000},
        Field{.name = "keep_alive", .type = Type::duration, .doc = "Silence after which the line is tried; one and a half times that, and it is dead.",
              .fallback = "10s"},
        Field{.name = "session_expiry", .type = Type::duration,
              .doc = "How long the broker keeps messages for a gateway that is away. Only for one with a store or a configured name.",
              .fallback = "1h"},
        Field{.name = "acknowledge", .type = Type::choice,
              .doc = "When the broker hears that a message of QoS 1 is here: received, or stored for all who keep it, with which a kill of this process "
                     "loses none and one comes at a time.",
              .fallback = "received", .choices = {"received", "stored"}},
    };
}

BackendSettings read_backend_settings(const config::Section& section) {
    BackendSettings settings;
    settings.server = server_of(section);
    settings.v5 = section.text("version") == "5";
    settings.user = config::optional_text(section, "user");
    settings.password = config::optional_text(section, "password");
    settings.ca_file = config::optional_text(section, "ca");
    settings.certificate = config::optional_text(section, "cert");
    settings.key = config::optional_text(section, "key");
    settings.client_id = config::optional_text(section, "client_id");
    settings.control = section.text("control");
    settings.in_flight = static_cast<int>(section.integer("in_flight"));
    settings.waiting = static_cast<std::size_t>(section.integer("waiting"));
    settings.keep_alive = section.duration("keep_alive");
    settings.session_expiry = section.duration("session_expiry");
    settings.acknowledge_stored = section.text("acknowledge") == "stored";
    if (settings.certificate.empty() != settings.key.empty())
        throw SetupError(section.where("cert") + ": a certificate needs its key, and a key its certificate");
    const bool level = Topic::parse({}, settings.control) && settings.control.find('/') == std::string::npos && settings.control[0] != '$';
    if (!level) throw SetupError(section.where("control") + ": not one topic level: " + settings.control);
    return settings;
}

}  // namespace junctor::mqtt
