#include "core/ports/descriptor.hpp"

#include "connectors/rest/client.hpp"
#include "connectors/rest/listener.hpp"
#include "core/ports/http_fields.hpp"

namespace junctor::rest {
namespace {

config::Schema fields() {
    using config::Type;
    return {
        {.name = "address", .type = Type::address, .doc = "Where HTTP clients connect.", .fallback = "127.0.0.1:8080"},
        {.name = "path", .type = Type::text, .doc = "What the paths of the API begin with.", .fallback = "/v1"},
        {.name = "origins",
         .type = Type::text_list,
         .doc = "Web pages that may use the API besides those of its own origin, as `https://app.example`; `*`: any.",
         .fallback = "[]"},
        {.name = "cookie",
         .type = Type::text,
         .doc = "Name of a cookie that holds a token; it counts only in requests that say which page of an allowed origin sent them. Absent: no "
                "cookie counts."},
    };
}

std::shared_ptr<Listener> make_listener(const std::string& name, const config::Section& section, const Limits&) {
    Settings settings;
    settings.name = name;
    settings.address = Address::parse(section.text("address")).value();
    settings.tls = section.has("tls");
    settings.path = section.text("path");
    if (!settings.path.empty()) check_http_path(section);
    check_origins(section);
    settings.origins = section.texts("origins");
    if (section.has("cookie")) settings.cookie = section.text("cookie");
    while (settings.path.ends_with('/')) settings.path.pop_back();
    return std::make_shared<RestListener>(std::move(settings));
}

}  // namespace

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "rest";
    offer.summary = "HTTP requests, long-polling and server-sent events.";
    offer.fields = fields();
    offer.defaults = {"{address: \"127.0.0.1:8080\"}"};
    offer.make_listener = make_listener;
    const ClientFactory client = [](const ClientOptions& options) { return std::make_unique<RestClient>(options); };
    offer.clients = {{"http", client}, {"https", client}};
    return offer;
}

}  // namespace junctor::rest
