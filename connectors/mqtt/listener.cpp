#include "connectors/mqtt/listener.hpp"

#include "connectors/mqtt/connection.hpp"
#include "core/ports/http.hpp"

namespace junctor::mqtt {

MqttListener::MqttListener(Options options, Ref<const Settings> settings) noexcept
    : options_(std::move(options)), settings_(std::move(settings)) {}

void MqttListener::open(Host& host) {
    const auto make = [settings = settings_](Stream& stream) { return std::make_unique<Connection>(stream, settings); };
    if (!options_.path) return host.serve_streams(options_.address, make);

    WebSocketRoute route;
    route.path = *options_.path;
    route.subprotocol = "mqtt";
    route.mode = WebSocketMode::byte_stream;
    route.factory = [make](Stream& stream, const HttpRequest&) { return make(stream); };
    route.origins = options_.origins;
    host.serve_websocket(options_.address, std::move(route));
}

std::vector<Listener::Endpoint> MqttListener::endpoints(const Host& host) const {
    const std::string scheme = options_.path ? (options_.encrypted ? "mqtt+wss" : "mqtt+ws") : (options_.encrypted ? "mqtts" : "mqtt");
    const std::string url = scheme + "://" + host.bound(options_.address).text() + options_.path.value_or("");
    return {{url, "junctor sub " + url + " '#'"}};
}

std::vector<Address> MqttListener::addresses() const { return {options_.address}; }

}  // namespace junctor::mqtt
