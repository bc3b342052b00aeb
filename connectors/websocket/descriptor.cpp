#include <algorithm>

#include "connectors/websocket/client.hpp"
#include "connectors/websocket/listener.hpp"
#include "core/ports/descriptor.hpp"
#include "core/ports/http_fields.hpp"

namespace junctor::websocket {
namespace {

config::Schema fields() {
    using config::Type;
    return {
        {.name = "address", .type = Type::address, .doc = "Where to listen; other HTTP connectors may share it.", .fallback = "127.0.0.1:8080"},
        {.name = "path", .type = Type::text, .doc = "The path that clients open.", .fallback = "/ws"},
        {.name = "origins", .type = Type::text_list,
         .doc = "Web pages, as `https://app.example`, that may connect besides those of the same origin; `*` for any.", .fallback = "[]"},
        {.name = "cookie",
         .type = Type::text,
         .doc = "Name of a cookie that holds a token, as a page of an allowed origin sends it with the handshake. Absent: no cookie counts."},
        {.name = "ping_interval", .type = Type::duration,
         .doc = "A client that is silent so long gets a ping, and is gone when it stays silent as long again; 0s sends none.", .fallback = "30s"},
    };
}

std::shared_ptr<Listener> make_listener(const std::string& name, const config::Section& section, const Limits&) {
    const Result<Address> address = Address::parse(section.text("address"));
    if (!address) throw SetupError(section.where("address") + ": not an address");
    check_http_path(section);
    check_origins(section);
    const auto ping_interval = std::chrono::ceil<std::chrono::seconds>(std::min<Duration>(section.duration("ping_interval"), std::chrono::hours(24)));
    Ref<Settings> settings(new Settings);
    settings->connector = name;
    settings->ping_interval = ping_interval;
    if (section.has("cookie")) settings->cookie = section.text("cookie");
    return std::make_shared<WebSocketListener>(
        WebSocketListener::Options{*address, section.text("path"), section.texts("origins"), section.has("tls")}, settings);
}

}  // namespace

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "websocket";
    offer.summary = "JSON over WebSocket: one object per text frame";
    offer.fields = fields();
    offer.defaults = {"{address: \"127.0.0.1:8080\", path: /ws}"};
    offer.make_listener = make_listener;
    offer.clients = {{"ws", make_client}, {"wss", make_client}};
    return offer;
}

}  // namespace junctor::websocket
