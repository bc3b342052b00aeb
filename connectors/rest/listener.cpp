#include "connectors/rest/listener.hpp"

#include "connectors/rest/member.hpp"
#include "connectors/rest/speaker.hpp"

namespace junctor::rest {

RestListener::RestListener(Settings settings) : settings_(std::move(settings)) {}

void RestListener::open(Host& host) {
    desks_.resize(host.core_count());
    const HttpHandler admit = handler(&Desk::admit);
    host.serve_http(settings_.address, {"POST", settings_.topics_prefix(), handler(&Desk::publish), admit, settings_.origins});
    host.serve_http(settings_.address, {"POST", settings_.requests_prefix(), handler(&Desk::request), admit, settings_.origins});
    host.serve_http(settings_.address, {"DELETE", settings_.sessions_prefix(), handler(&Desk::end_session), {}, settings_.origins});
    host.serve_http(settings_.address, {"GET", settings_.topics_prefix(), handler(&Desk::read), {}, settings_.origins});
    host.serve_http(settings_.address, {"GET", settings_.history_prefix(), handler(&Desk::read_history), {}, settings_.origins});
}

HttpHandler RestListener::handler(Handler handle) {
    return [self = shared_from_this(), handle](const std::shared_ptr<HttpExchange>& exchange) {
        (self->desk_of(exchange->core()).*handle)(exchange);
    };
}

Desk& RestListener::desk_of(Core& core) {
    std::unique_ptr<Desk>& desk = desks_[core.id().value];
    if (!desk) desk = std::make_unique<Desk>(core, settings_);
    return *desk;
}

std::vector<Listener::Endpoint> RestListener::endpoints(const Host& host) const {
    const std::string url = (settings_.tls ? "https://" : "http://") + host.bound(settings_.address).text() + settings_.path;
    return {{url, "curl -d hello '" + url + "/topics/demo/hello?retain=1'"}};
}

}  // namespace junctor::rest
