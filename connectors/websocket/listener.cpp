#include "connectors/websocket/listener.hpp"

#include "connectors/websocket/connection.hpp"
#include "connectors/websocket/mapping.hpp"

namespace junctor::websocket {
namespace {

std::unique_ptr<StreamHandler> connect(Stream& stream, const HttpRequest& request, const WebSocketListener::Options& options) {
    const std::string format = request.parameter("format").value_or("message");
    auto connection = std::make_unique<Connection>(stream, options.ping_interval, format == "cloudevents");
    if (format != "message" && format != "cloudevents") {
        connection->refuse("format must be message or cloudevents", CloseReason::protocol_error);
    } else if (Result<Credentials> credentials = credentials_of(request, options.name)) {
        connection->admit(std::move(*credentials));
    } else {
        connection->refuse("the Authorization header must be Basic or Bearer");
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
    route.factory = [options = options_](Stream& stream, const HttpRequest& request) { return connect(stream, request, options); };
    host.serve_websocket(options_.address, std::move(route));
}

std::vector<Listener::Endpoint> WebSocketListener::endpoints(const Host& host) const {
    const std::string url = (options_.encrypted ? "wss://" : "ws://") + host.bound(options_.address).text() + options_.path;
    return {{url, "junctor sub " + url + " '#'"}};
}

}  // namespace junctor::websocket
