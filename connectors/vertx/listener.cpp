#include "connectors/vertx/listener.hpp"

#include "connectors/vertx/connection.hpp"
#include "core/base/random.hpp"
#include "core/ports/http.hpp"
#include "core/ports/http_credentials.hpp"
#include "core/runtime/core.hpp"

namespace junctor::vertx {
namespace {

std::unique_ptr<StreamHandler> connect_tcp(Stream& stream, const Ref<const Settings>& settings) {
    Credentials credentials;
    take_peer(stream.peer(), credentials);
    credentials.connector = settings->connector;
    auto connection = std::make_unique<Connection>(stream, settings, WireForm::tcp);
    connection->admit(std::move(credentials), true);
    return connection;
}

/// SockJS 0.3.3, "Info test".
HttpResponse info(Core& core) {
    const std::string entropy = std::to_string(static_cast<std::uint32_t>(core.random().next()));
    HttpResponse response(200, "application/json; charset=UTF-8",
                          R"({"websocket":true,"origins":["*:*"],"cookie_needed":false,"entropy":)" + entropy + "}");
    response.headers.push_back({"Cache-Control", "no-store, no-cache, no-transform, must-revalidate, max-age=0"});
    return response;
}

}  // namespace

void VertxListener::open(Host& host) {
    if (!options_.path) return host.serve_streams(options_.address, [settings = settings_](Stream& stream) { return connect_tcp(stream, settings); });
    host_ = &host;
    desks_.resize(host.core_count());
    serve_websocket(*options_.path + "/websocket", false);
    serve_websocket(*options_.path + "/*/*/websocket", true);
    serve_info();
    serve_sessions("GET");
    serve_sessions("POST");
}

void VertxListener::serve_websocket(const std::string& path, bool sockjs) const {
    WebSocketRoute route;
    route.path = path;
    route.mode = WebSocketMode::messages;
    route.text = sockjs;  // what is raw travels as Vert.x sends it, in binary messages: its Java client reads no others
    route.origins = options_.origins;
    route.factory = [settings = settings_, form = sockjs ? WireForm::sockjs : WireForm::raw](Stream& stream, const HttpRequest& request) {
        return connect_by_http(stream, request, settings, form);
    };
    host_->serve_websocket(options_.address, std::move(route));
}

void VertxListener::serve_info() const {
    HttpRoute route;
    route.method = "GET";
    route.prefix = *options_.path + "/info";
    route.origins = options_.origins;
    route.handler = [](const std::shared_ptr<HttpExchange>& exchange) { exchange->respond(info(exchange->core())); };
    host_->serve_http(options_.address, std::move(route));
}

void VertxListener::serve_sessions(const char* method) {
    HttpRoute route;
    route.method = method;
    route.prefix = *options_.path + "/";
    route.origins = options_.origins;
    route.home = [prefix = route.prefix.size()](const HttpRequest& request, const Core& core) { return SockJsDesk::home_of(request, prefix, core); };
    route.handler = [self = shared_from_this()](const std::shared_ptr<HttpExchange>& exchange) { self->desk_of(exchange->core()).serve(exchange); };
    route.admit = [self = shared_from_this()](const std::shared_ptr<HttpExchange>& exchange) { self->desk_of(exchange->core()).admit(exchange); };
    host_->serve_http(options_.address, std::move(route));
}

SockJsDesk& VertxListener::desk_of(Core& core) {
    std::unique_ptr<SockJsDesk>& desk = desks_[core.id().value];
    if (!desk) desk = std::make_unique<SockJsDesk>(core, settings_, options_.path->size() + 1);
    return *desk;
}

void VertxListener::drain() noexcept {
    for (std::uint16_t core = 0; core < desks_.size(); ++core)
        host_->post({core}, [self = shared_from_this()](Core& here) { self->desk_of(here).drain(); });
}

std::vector<Listener::Endpoint> VertxListener::endpoints(const Host& host) const {
    const std::string where = host.bound(options_.address).text();
    if (!options_.path) return {{(options_.encrypted ? "vertxs://" : "vertx://") + where, "any client of the Vert.x TCP event bus bridge"}};
    const std::string url = (options_.encrypted ? "https://" : "http://") + where + *options_.path;
    return {{url, "new EventBus('" + url + "')   // @vertx/eventbus-bridge-client.js"}};
}

}  // namespace junctor::vertx
