#include "core/ports/descriptor.hpp"

#include <algorithm>

#include "connectors/mqtt/backend.hpp"
#include "connectors/mqtt/client.hpp"
#include "connectors/mqtt/client_mapping.hpp"
#include "connectors/mqtt/listener.hpp"
#include "connectors/mqtt/websocket_pipe.hpp"
#include "core/ports/http_fields.hpp"

namespace junctor::mqtt {

namespace {

config::Schema fields() {
    using config::Field;
    using config::Type;
    return {
        Field{.name = "address", .type = Type::address, .doc = "Host and port to listen on.", .example = "127.0.0.1:1883",
              .required = true},
        Field{.name = "path", .type = Type::text, .doc = "Serve MQTT over WebSocket at this path of the address instead of plain MQTT.",
              .example = "/mqtt"},
        Field{.name = "origins", .type = Type::text_list,
              .doc = "With a path: origins of web pages that may connect besides those of the same origin; * for any.", .fallback = "[]",
              .example = "[https://app.example]"},
        Field{.name = "max_keep_alive", .type = Type::duration,
              .doc = "Longest silence that a client may ask for; MQTT 5 clients are told, others are held to it. Absent: any.",
              .example = "5m"},
        Field{.name = "max_session_expiry", .type = Type::duration,
              .doc = "Longest time that a session outlives its connection; MQTT 5 clients are told. Older clients that ask for no clean "
                     "session get all of it. Absent: for ever.",
              .example = "7d"},
        Field{.name = "receive_maximum", .type = Type::integer,
              .doc = "Most QoS 1 and 2 messages of an MQTT 5 client that are not finished; it is told.", .fallback = "20",
              .example = "100", .min = 1, .max = UINT16_MAX},
        Field{.name = "response_prefix", .type = Type::text,
              .doc = "MQTT 5 clients that ask for Response Information hear this, followed by their client identifier: the topic for "
                     "answers that the policy gives them. Absent: they hear nothing.",
              .example = "replies/"},
        Field{.name = "server_reference", .type = Type::text,
              .doc = "Where MQTT 5 clients may go that are sent away because the gateway drains or is overloaded.",
              .example = "broker2.example:8883"},
        Field{.name = "server_moved", .type = Type::boolean,
              .doc = "Sends every client to the server_reference, for good, instead of letting it in.", .fallback = "false",
              .example = "true"},
        Field{.name = "check_text", .type = Type::boolean,
              .doc = "Refuses payloads of MQTT 5 clients that claim to be UTF-8 (Payload Format Indicator 1) and are not, with 0x99. "
                     "Otherwise payload and claim go on as they are.",
              .fallback = "false", .example = "true"},
    };
}

std::uint16_t keep_alive_seconds(const config::Section& section) {
    if (!section.has("max_keep_alive")) return UINT16_MAX;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(section.duration("max_keep_alive")).count();
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(seconds, 1, UINT16_MAX));
}

std::string response_prefix(const config::Section& section) {
    std::string prefix = section.text("response_prefix");
    if (!is_topic_name(as_bytes(prefix)) || prefix.front() == '$' || prefix.size() > 1'000)
        throw SetupError(section.where("response_prefix") + ": not the beginning of a topic: " + prefix);
    return prefix;
}

Ref<const Settings> make_settings(const std::string& name, const config::Section& section, const Limits& limits) {
    Ref<Settings> settings(new Settings(name));
    Machine::Rules& rules = settings->rules;
    rules.max_keep_alive_s = keep_alive_seconds(section);
    if (section.has("max_session_expiry")) rules.max_session_expiry = section.duration("max_session_expiry");
    rules.receive_maximum = static_cast<std::uint16_t>(section.integer("receive_maximum"));
    if (section.has("response_prefix")) rules.response_prefix = response_prefix(section);
    if (section.has("server_reference")) rules.server_reference = section.text("server_reference");
    rules.checks_text = section.boolean("check_text");
    rules.server_moved = section.boolean("server_moved");
    if (rules.server_moved && rules.server_reference.empty())
        throw SetupError(section.where("server_moved") + ": say where to, in server_reference");
    rules.in_flight = limits.in_flight;
    rules.filters_per_packet = limits.filters_per_packet;
    rules.headers = limits.headers;
    // The limit that everybody has is not announced to everybody, one that somebody chose is.
    if (limits.packet != Limits{}.packet) rules.announced_packet_size = static_cast<std::uint32_t>(limits.packet);
    return settings;
}

std::shared_ptr<Listener> make_listener(const std::string& name, const config::Section& section, const Limits& limits) {
    const Result<Address> address = Address::parse(section.text("address"));
    if (!address) throw SetupError(section.where("address") + ": not an address: " + section.text("address"));
    MqttListener::Options options;
    options.address = *address;
    if (section.has("path")) options.path = section.text("path");
    check_http_path(section);
    check_origins(section);
    options.origins = section.texts("origins");
    options.encrypted = section.has("tls");
    return std::make_shared<MqttListener>(std::move(options), make_settings(name, section, limits));
}

std::unique_ptr<Client> make_client(const ClientOptions& options) {
    return std::make_unique<MqttClient>(connect_blocking(to_stream_options(options)), options);
}

std::unique_ptr<Client> make_websocket_client(const ClientOptions& options) {
    return std::make_unique<MqttClient>(connect_websocket(options), options);
}

}  // namespace

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "mqtt";
    offer.summary = "MQTT 3.1, 3.1.1 and 5.0 clients over TCP, TLS and WebSocket; brokers as a backend.";
    offer.fields = fields();
    offer.defaults = {"{address: \"127.0.0.1:1883\"}", "{address: \"127.0.0.1:8080\", path: /mqtt}"};
    offer.make_listener = make_listener;
    offer.backend_fields = backend_fields();
    offer.make_backend = [](const config::Section& section, const Limits&) {
        return std::make_unique<MqttBackend>(read_backend_settings(section));
    };
    for (const char* scheme : {"mqtt", "mqtts"}) offer.clients[scheme] = make_client;
    for (const char* scheme : {"mqtt+ws", "mqtt+wss"}) offer.clients[scheme] = make_websocket_client;
    return offer;
}

}  // namespace junctor::mqtt
