#include "connectors/vertx/sockjs_desk.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "connectors/vertx/connection.hpp"
#include "core/runtime/core.hpp"

namespace junctor::vertx {
namespace {

bool same_secret(const std::string& one, const std::string& other) noexcept {
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

void refuse(HttpExchange& exchange, unsigned status, std::string_view code, std::string_view detail) {
    exchange.respond(HttpResponse::problem(status, code, detail));
}

/// SockJS says so in a word of its own.
void refuse_message(HttpExchange& exchange, std::string_view why) { exchange.respond(HttpResponse(500, "text/plain; charset=UTF-8", why)); }

void ask_for_websocket(HttpExchange& exchange) {
    HttpResponse answer = HttpResponse::problem(426, "bad_request", "this path is a WebSocket");
    answer.headers.push_back({"Upgrade", "websocket"});
    exchange.respond(std::move(answer));
}

}  // namespace

CoreId SockJsDesk::home_of(const HttpRequest& request, std::size_t prefix, const Core& core) {
    const auto path = read_sockjs_path(std::string_view(request.path).substr(prefix));
    return path ? core.home_of({}, path->session) : core.id();
}

void SockJsDesk::serve(const std::shared_ptr<HttpExchange>& exchange) {
    const HttpRequest& request = exchange->request();
    const std::string_view below = std::string_view(request.path).substr(prefix_);
    const auto path = read_sockjs_path(below);
    if (below == "websocket" || (path && path->what == "websocket")) return ask_for_websocket(*exchange);
    const auto transport = path ? sockjs_transport(path->what) : std::nullopt;
    const bool listens = transport && (request.method == "POST") == (*transport != SockJsTransport::eventsource);
    if (listens) return wait(exchange, std::string(path->session), *transport);
    if (path && path->what == "xhr_send" && request.method == "POST") return take(exchange, std::string(path->session));
    refuse(*exchange, 404, "not_found", "neither a WebSocket nor a transport of SockJS that is served here: xhr, xhr_streaming, eventsource");
}

void SockJsDesk::admit(const std::shared_ptr<HttpExchange>& exchange) {
    const auto path = read_sockjs_path(std::string_view(exchange->request().path).substr(prefix_));
    if (!path) return refuse(*exchange, 404, "not_found", "nothing is served at this path");
    const SockJsSession* session = session_of(*exchange, std::string(path->session));
    if (session && session->known()) return exchange->admit_body();
    if (session) refuse(*exchange, 413, "too_large", "a message of this size is not taken before a login");
}

void SockJsDesk::wait(const std::shared_ptr<HttpExchange>& exchange, const std::string& name, SockJsTransport transport) {
    SockJsSession* const session = places_.contains(name) ? session_of(*exchange, name) : begin(*exchange, name);
    if (session) session->wait_on(exchange, transport);
}

void SockJsDesk::take(const std::shared_ptr<HttpExchange>& exchange, const std::string& name) {
    SockJsSession* const session = session_of(*exchange, name);
    if (!session) return;
    const Limits& limits = core_.limits();
    const std::string_view message = as_text(exchange->request().body);
    if (message.empty()) return refuse_message(*exchange, "Payload expected.");
    const DecodeLimits allowed{.nesting = limits.nesting, .headers = limits.headers, .bytes = limits.packet};
    if (!read_sockjs(message, allowed, [](std::string_view) {})) return refuse_message(*exchange, "Broken JSON encoding.");
    session->take(exchange);
}

SockJsSession* SockJsDesk::session_of(HttpExchange& exchange, const std::string& name) {
    const auto found = places_.find(name);
    if (found == places_.end()) {
        refuse(exchange, 404, "not_found", "there is no such session; it begins with xhr, xhr_streaming or eventsource");
        return nullptr;
    }
    if (same_secret(found->second.shown, shown_by(exchange.request()))) return found->second.session.get();
    refuse(exchange, 403, "denied", "a session goes on with the credentials that it began with");
    return nullptr;
}

SockJsSession* SockJsDesk::begin(HttpExchange& exchange, const std::string& name) {
    if (draining_ || crowded()) {
        HttpResponse answer = HttpResponse::problem(503, "overloaded", "the gateway has no room for another session; try again later");
        answer.headers.push_back({"Retry-After", "1"});
        exchange.respond(std::move(answer));
        return nullptr;
    }
    const HttpRequest& request = exchange.request();
    Place& place = places_[name];
    place.shown = shown_by(request);
    place.session = std::make_unique<SockJsSession>(*this, core_, name, request.peer);
    ++strangers_;
    place.session->attach(connect_by_http(*place.session, request, settings_, WireForm::sockjs));
    return place.session.get();
}

/// A session outlives its connections by `SockJsSession::absence`: so there may be no more of them than of connections.
bool SockJsDesk::crowded() const noexcept {
    const Limits& limits = core_.limits();
    if (places_.size() >= std::max<std::size_t>(1, limits.connections / core_.count())) return true;
    return strangers_ >= limits.unauthenticated_connections;
}

std::string SockJsDesk::shown_by(const HttpRequest& request) const {
    std::string shown(request.header("Authorization"));
    shown.append(1, '\n').append(request.peer.certificate_subject).append(1, '\n');
    if (!settings_->cookie.empty()) shown.append(request.header("Cookie"));
    return shown;
}

void SockJsDesk::drain() noexcept {
    draining_ = true;
    for (auto& [name, place] : places_) place.session->drain();
}

void SockJsDesk::over(const std::string& name) noexcept {
    const auto found = places_.find(name);
    if (!found->second.session->known()) --strangers_;
    places_.erase(found);
}

}  // namespace junctor::vertx
