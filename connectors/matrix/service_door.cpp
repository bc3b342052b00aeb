#include "connectors/matrix/service_door.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/observe/metrics.hpp"
#include "core/runtime/core.hpp"

namespace junctor::matrix {
namespace {

constexpr std::size_t longest_id = 255;

const std::string root = "/_matrix/app/v1";

bool same_secret(std::string_view one, std::string_view other) noexcept {
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

/// Empty where there is none.
std::string_view bearer(const HttpRequest& request) noexcept {
    static constexpr std::string_view scheme = "bearer ";
    std::string_view value = request.header("authorization");
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    if (!std::ranges::equal(value.substr(0, scheme.size()), scheme, same)) return {};
    return value.substr(scheme.size());
}

void respond(HttpExchange& exchange, unsigned status, const nlohmann::json& body) {
    exchange.core().metrics().add(counter("junctor_matrix_requests_total", "Requests of homeservers to the gateway as their application service, by status.",
                                          {{"status", std::to_string(status)}}));
    exchange.respond(HttpResponse(status, "application/json", body.dump()));
}

void refuse(HttpExchange& exchange, unsigned status, const char* code, const char* words) {
    respond(exchange, status, {{"errcode", code}, {"error", words}});
}

void come_again(HttpExchange& exchange) { refuse(exchange, 503, "M_UNKNOWN", "the gateway takes nothing now: send it again later"); }

/// The last segment of the path, decoded; empty where it is none.
std::string subject(const HttpExchange& exchange) {
    const std::string& path = exchange.request().path;
    return percent_decode(std::string_view(path).substr(path.rfind('/') + 1)).value_or(std::string());
}

}  // namespace

ServiceDoor::ServiceDoor(const BackendSettings& settings) : settings_(settings.listen) {
    if (settings.room.starts_with('#')) aliases_.push_back(settings.room);
    for (const MappedRoom& each : settings.rooms)
        if (each.room.starts_with('#')) aliases_.push_back(each.room);
}

void ServiceDoor::open(Host& host) {
    host_ = &host;
    const auto serve = [&](const char* method, const char* path, void (ServiceDoor::*how)(const ExchangePtr&)) {
        host.serve_http(settings_.address, {.method = method, .prefix = root + path, .handler = guarded(how)});
    };
    serve("GET", "/users/", &ServiceDoor::user);
    serve("GET", "/rooms/", &ServiceDoor::room);
    serve("POST", "/ping", &ServiceDoor::ping);
    HttpRoute push{.method = "PUT", .prefix = root + "/transactions/", .handler = guarded(&ServiceDoor::transaction)};
    push.most_body = most_body;
    push.admit = [door = shared_from_this()](const ExchangePtr& exchange) {
        if (door->admits(exchange)) exchange->admit_body();
    };
    host.serve_http(settings_.address, std::move(push));
}

HttpHandler ServiceDoor::guarded(void (ServiceDoor::*serve)(const ExchangePtr&)) {
    return [door = shared_from_this(), serve](const ExchangePtr& exchange) {
        if (door->admits(exchange)) (door.get()->*serve)(exchange);
    };
}

/// The header counts. A token in the query is what older homeservers send beside it, and has to be the same one.
bool ServiceDoor::admits(const ExchangePtr& exchange) const {
    const std::string_view shown = bearer(exchange->request());
    if (shown.empty()) return refuse(*exchange, 401, "M_UNAUTHORIZED", "the hs_token has to stand in the header 'Authorization: Bearer'"), false;
    const std::optional<std::string> query = exchange->request().parameter("access_token");
    const bool right = same_secret(shown, settings_.token) && (!query || same_secret(*query, settings_.token));
    if (!right) refuse(*exchange, 403, "M_FORBIDDEN", "this is not the hs_token of the gateway's registration");
    return right;
}

void ServiceDoor::transaction(const ExchangePtr& exchange) {
    std::string id = subject(*exchange);
    if (id.empty() || id.size() > longest_id) return refuse(*exchange, 400, "M_INVALID_PARAM", "this is no transaction id");
    std::optional<std::vector<PushedEvent>> events = read_transaction(exchange->request().body);
    if (!events) return refuse(*exchange, 400, "M_BAD_JSON", "this is no transaction, or one of too many events");
    const std::shared_ptr<const Inside> inside = inside_.load();
    if (!inside) return come_again(*exchange);
    const auto answer = [host = host_, exchange](bool taken) {
        host->post(exchange->core().id(), [exchange, taken](Core&) { taken ? respond(*exchange, 200, nlohmann::json::object()) : come_again(*exchange); });
    };
    const PushedEvents shared = std::make_shared<const std::vector<PushedEvent>>(std::move(*events));
    inside->post([inside, id = std::move(id), shared, answer] { inside->take(id, shared, answer); });
}

/// Users and rooms are made by the gateway when it needs them, never because somebody asks (THREATS 37).
void ServiceDoor::user(const ExchangePtr& exchange) {
    const std::string name = subject(*exchange);
    if (name.starts_with('@' + settings_.user + ':')) return respond(*exchange, 200, nlohmann::json::object());
    refuse(*exchange, 404, "M_NOT_FOUND", "there is no such user");
}

void ServiceDoor::room(const ExchangePtr& exchange) {
    if (std::ranges::find(aliases_, subject(*exchange)) != aliases_.end()) return respond(*exchange, 200, nlohmann::json::object());
    refuse(*exchange, 404, "M_NOT_FOUND", "the gateway makes no rooms but those of its configuration");
}

void ServiceDoor::ping(const ExchangePtr& exchange) { respond(*exchange, 200, nlohmann::json::object()); }

}  // namespace junctor::matrix
