#include "connectors/websocket/listener.hpp"

#include "connectors/websocket/connection.hpp"
#include "connectors/websocket/mapping.hpp"

namespace junctor::websocket {
namespace {

/// What browsers answer to when they have to name one, to show a token beside it.
constexpr std::string_view subprotocol = "junctor";

std::unique_ptr<StreamHandler> connect(Stream& stream, const HttpRequest& request, const Ref<const Settings>& settings) {
    const std::string format = request.parameter("format").value_or("message");
    auto connection = std::make_unique<Connection>(stream, settings, format == "cloudevents");
    if (format != "message" && format != "cloudevents") {
        connection->refuse("format must be message or cloudevents", CloseReason::protocol_error);
    } else if (Result<Credentials> credentials = credentials_of(request, *settings)) {
        connection->admit(std::move(*credentials));
    } else {
        connection->refuse("there must be one Authorization header, of Basic or Bearer");
    }
    return connection;
}

}  // namespace

void WebSocketListener::open(Host& host) {
    WebSocketRoute route;
    route.path = options_.path;
    route.mode = WebSocketMode::messages;
    route.text = true;
    route.origins = options_.origins;
    route.factory = [settings = settings_](Stream& stream, const HttpRequest& request) { return connect(stream, request, settings); };
    host.serve_websocket(options_.address, route);
    route.subprotocol = subprotocol;
    host.serve_websocket(options_.address, std::move(route));
}

std::vector<Listener::Endpoint> WebSocketListener::endpoints(const Host& host) const {
    const std::string url = (options_.encrypted ? "wss://" : "ws://") + host.bound(options_.address).text() + options_.path;
    return {{url, "junctor sub " + url + " '#'"}};
}

}  // namespace junctor::websocket
