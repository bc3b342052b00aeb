#include "core/ports/descriptor.hpp"

#include <algorithm>

#include "connectors/mqtt/client.hpp"
#include "connectors/mqtt/client_mapping.hpp"
#include "connectors/mqtt/listener.hpp"
#include "connectors/mqtt/websocket_pipe.hpp"

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
    };
}

std::uint16_t keep_alive_seconds(const config::Section& section) {
    if (!section.has("max_keep_alive")) return UINT16_MAX;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(section.duration("max_keep_alive")).count();
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(seconds, 1, UINT16_MAX));
}

Ref<const Settings> make_settings(const std::string& name, const config::Section& section, const Limits& limits) {
    Ref<Settings> settings(new Settings(name));
    settings->rules.max_keep_alive_s = keep_alive_seconds(section);
    settings->rules.in_flight = limits.in_flight;
    settings->rules.filters_per_packet = limits.filters_per_packet;
    settings->rules.headers = limits.headers;
    // The limit that everybody has is not announced to everybody, one that somebody chose is.
    if (limits.packet != Limits{}.packet) settings->rules.announced_packet_size = static_cast<std::uint32_t>(limits.packet);
    return settings;
}

std::shared_ptr<Listener> make_listener(const std::string& name, const config::Section& section, const Limits& limits) {
    const Result<Address> address = Address::parse(section.text("address"));
    if (!address) throw SetupError(section.where("address") + ": not an address: " + section.text("address"));
    MqttListener::Options options;
    options.address = *address;
    if (section.has("path")) options.path = section.text("path");
    if (options.path && !options.path->starts_with('/')) throw SetupError(section.where("path") + ": a path begins with /");
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
    offer.summary = "MQTT 3.1, 3.1.1 and 5.0 clients over TCP, TLS and WebSocket.";
    offer.fields = fields();
    offer.defaults = {"{address: \"127.0.0.1:1883\"}", "{address: \"127.0.0.1:8080\", path: /mqtt}"};
    offer.make_listener = make_listener;
    for (const char* scheme : {"mqtt", "mqtts"}) offer.clients[scheme] = make_client;
    for (const char* scheme : {"mqtt+ws", "mqtt+wss"}) offer.clients[scheme] = make_websocket_client;
    return offer;
}

}  // namespace junctor::mqtt
