#include "gateway/admin/admin_api.hpp"

#include <nlohmann/json.hpp>

#include "core/ports/http.hpp"
#include "gateway/admin/admission.hpp"
#include "gateway/admin/host_names.hpp"
#include "gateway/admin/revocation.hpp"
#include "gateway/admin/session_explanation.hpp"
#include "gateway/admin/session_listing.hpp"
#include "gateway/version.hpp"

namespace junctor {

namespace {

using Json = nlohmann::ordered_json;
using Sources = std::shared_ptr<const AdminSources>;
using ExchangePtr = std::shared_ptr<HttpExchange>;

std::string_view to_string(GatewayState state) {
    switch (state) {
        case GatewayState::starting: return "starting";
        case GatewayState::running: return "running";
        case GatewayState::draining: return "draining";
    }
    return {};
}

HttpResponse json(const Json& document) {
    return {200, "application/json", document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Json shown(const AdminStore& store) {
    if (store.dir.empty()) return "memory";
    Json shown{{"dir", store.dir}, {"state", store.failure.empty() ? "ok" : "failing"}};
    if (!store.failure.empty()) shown["failure"] = store.failure;
    if (!store.damage.empty()) shown["damage"] = store.damage;
    return shown;
}

HttpResponse root(const AdminSources& sources) {
    return json({{"name", "junctor"},
                 {"version", version()},
                 {"state", to_string(sources.state())},
                 {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(sources.uptime()).count()},
                 {"store", shown(sources.store())},
                 {"links",
                  {{"health", "/healthz"},
                   {"readiness", "/readyz"},
                   {"metrics", "/metrics"},
                   {"connectors", "/v1/connectors"},
                   {"sessions", "/v1/sessions"},
                  {"revocations", "/v1/revocations"},
                   {"explain", "/v1/explain?session=ID&verb=publish&topic=a/b"}}}});
}

/// The process lives in any case: a restart would mend nothing.
HttpResponse health(const AdminSources& sources) {
    const std::string degraded = sources.degraded();
    return {200, "text/plain", degraded.empty() ? "ok\n" : "degraded: " + degraded + "\n"};
}

HttpResponse readiness(const AdminSources& sources) {
    const GatewayState state = sources.state();
    return {state == GatewayState::running ? 200U : 503U, "text/plain", std::string(to_string(state)) + "\n"};
}

HttpResponse metrics(const AdminSources& sources) { return {200, "text/plain; version=0.0.4; charset=utf-8", sources.metrics()}; }

HttpResponse connectors(const AdminSources& sources) {
    Json list = Json::array();
    for (const AdminConnector& connector : sources.connectors())
        list.push_back({{"name", connector.name}, {"type", connector.type}, {"addresses", connector.addresses}});
    return json({{"connectors", std::move(list)}});
}

/// Refuses what a page in a browser could have sent under a name of its own.
HttpHandler for_known_hosts(Sources sources, HttpHandler next) {
    return [sources = std::move(sources), next = std::move(next)](ExchangePtr exchange) {
        if (host_allowed(exchange->request().header("host"), sources->host_names)) return next(std::move(exchange));
        exchange->respond(HttpResponse::problem(
            421, "unknown_host", "This name is not known here: use the address, or add the name to 'admin: {hosts: [...]}'."));
    };
}

HttpHandler page(Sources sources, HttpResponse (*make)(const AdminSources&)) {
    return [sources = std::move(sources), make](ExchangePtr exchange) { exchange->respond(make(*sources)); };
}

}  // namespace

void open_admin_api(Host& host, const Address& address, std::shared_ptr<const AdminSources> sources) {
    const auto serve = [&](const std::string& path, HttpHandler handler) {
        host.serve_http(address, {"GET", path, for_known_hosts(sources, std::move(handler))});
    };
    serve("/healthz", page(sources, health));
    serve("/readyz", page(sources, readiness));
    // The port's `/` is the prefix of every path.
    serve("/", for_operators([sources](ExchangePtr exchange) {
              const bool found = exchange->request().path == "/";
              exchange->respond(found ? root(*sources) : HttpResponse::problem(404, "not_found", "'/' lists what there is."));
          }));
    serve("/metrics", for_operators(page(sources, metrics)));
    serve("/v1/connectors", for_operators(page(sources, connectors)));
    serve("/v1/sessions", for_the_admitted([&host](ExchangePtr exchange, const Principal& who) { list_sessions(host, std::move(exchange), who.tenant); }));
    host.serve_http(address, {"POST", "/v1/revocations",
                              for_known_hosts(sources, for_the_admitted([&host, sources](ExchangePtr exchange, const Principal& who) {
                                                  take_back(host, sources, std::move(exchange), PrincipalRef(&who));
                                              }))});
    serve("/v1/explain", for_the_admitted([&host, sources](ExchangePtr exchange, const Principal& who) {
              explain_session(host, sources->explain, std::move(exchange), who.tenant);
          }));
}

}  // namespace junctor
