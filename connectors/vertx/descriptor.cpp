#include "core/ports/descriptor.hpp"

#include "connectors/vertx/backend.hpp"
#include "connectors/vertx/client.hpp"
#include "connectors/vertx/listener.hpp"
#include "core/ports/http_fields.hpp"

namespace junctor::vertx {
namespace {

config::Schema fields() {
    using config::Type;
    return {
        {.name = "address", .type = Type::address, .doc = "Host and port to listen on.", .example = "127.0.0.1:7000", .required = true},
        {.name = "path", .type = Type::text,
         .doc = "Serve WebSockets below this path of the address, raw at <path>/websocket and in the framing of SockJS, and SockJS without them, instead of the TCP bridge.",
         .example = "/eventbus"},
        {.name = "origins", .type = Type::text_list,
         .doc = "With a path: web pages, as `https://app.example`, that may connect besides those of the same origin; `*` for any.", .fallback = "[]"},
        {.name = "cookie", .type = Type::text,
         .doc = "With a path: name of a cookie that holds a token, as a page of an allowed origin sends it with the handshake. Absent: no cookie counts."},
        {.name = "max_handlers", .type = Type::integer, .doc = "Addresses that a connection may register.", .fallback = "1000", .min = 1, .max = 10'000},
        {.name = "max_address_length", .type = Type::integer, .doc = "Longest address, in bytes.", .fallback = "200", .min = 50, .max = 65'535},
        {.name = "ping_timeout", .type = Type::duration,
         .doc = "With a path: a client from which nothing comes for so long is gone; its library pings every 5s.", .fallback = "10s"},
        {.name = "reply_timeout", .type = Type::duration, .doc = "How long a request waits for its answer that does not say so in a `timeout` header.",
         .fallback = "30s"},
    };
}

std::shared_ptr<Listener> make_listener(const std::string& name, const config::Section& section, const Limits&) {
    const Result<Address> address = Address::parse(section.text("address"));
    if (!address) throw SetupError(section.where("address") + ": not an address");
    VertxListener::Options options{*address, {}, section.texts("origins"), section.has("tls")};
    if (section.has("path")) options.path = section.text("path");
    check_http_path(section);
    check_origins(section);
    if (options.path && options.path->ends_with('/')) throw SetupError(section.where("path") + ": this path does not end with '/': what is below it is served");
    if (section.duration("ping_timeout") < std::chrono::seconds(1)) throw SetupError(section.where("ping_timeout") + ": at least 1s");
    if (section.duration("reply_timeout") <= Duration::zero()) throw SetupError(section.where("reply_timeout") + ": longer than nothing");
    Ref<Settings> settings(new Settings);
    settings->connector = name;
    if (section.has("cookie")) settings->cookie = section.text("cookie");
    settings->max_handlers = static_cast<std::size_t>(section.integer("max_handlers"));
    settings->max_address_length = static_cast<std::size_t>(section.integer("max_address_length"));
    settings->ping_timeout = section.duration("ping_timeout");
    settings->reply_timeout = section.duration("reply_timeout");
    return std::make_shared<VertxListener>(std::move(options), settings);
}

}  // namespace

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "vertx";
    offer.summary = "The Vert.x event bus bridge, over TCP, WebSocket and SockJS; event buses as a backend.";
    offer.fields = fields();
    offer.make_listener = make_listener;
    offer.backend_fields = backend_fields();
    offer.make_backend = [](const config::Section& section, const Limits&) { return std::make_unique<VertxBackend>(read_backend_settings(section)); };
    for (const char* scheme : {"vertx", "vertxs"}) offer.clients[scheme] = make_client;
    return offer;
}

}  // namespace junctor::vertx
