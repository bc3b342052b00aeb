#include "core/web/http_connection.hpp"

#include <algorithm>
#include <utility>

#include "core/observe/metrics.hpp"
#include "core/ports/http_origin.hpp"
#include "core/runtime/core.hpp"
#include "core/web/cross_origin.hpp"
#include "core/web/http_codec.hpp"
#include "core/web/websocket_handshake.hpp"

namespace junctor::web {
namespace {

using Body = Framing::Body;

constexpr std::size_t pause_above = 16 << 10;
constexpr Duration discard_time = std::chrono::seconds(2);

Counter request_counter() {
    static const Counter metric = counter("junctor_http_requests_total", "HTTP requests whose head was read.");
    return metric;
}

Counter refusal_counter(unsigned status) {
    return counter("junctor_http_refused_total", "HTTP requests refused before any route saw them, by status.",
                   {{"status", std::to_string(status)}});
}

bool has_no_body(unsigned status) noexcept { return status < 200 || status == 204 || status == 304; }

SharedSlice shared(ByteBuffer bytes) {
    const Ref<const SharedBytes> block(new SharedBytes(std::move(bytes)));
    return {block->view(), nullptr, block};
}

/// A handler that throws has broken its own promise; its exchange answers 500 and the connection goes on (THREATS 33).
void call(const HttpHandler& handler, std::shared_ptr<Exchange> exchange) noexcept {
    try {
        handler(std::move(exchange));
    } catch (const std::exception&) {
        return;
    }
}

/// A connection's first request has this long in all: a little less than the driver gives strangers, so that they hear why.
Duration time_of_strangers(const Limits& limits) noexcept {
    return std::min(limits.http_header_timeout, limits.handshake_timeout - limits.handshake_timeout / 20);
}

std::size_t most_body(const HttpRoute& route, const Limits& limits) noexcept { return route.most_body != 0 ? route.most_body : limits.packet; }

std::unique_ptr<StreamHandler> make_handler(const WebSocketRoute& route, Stream& stream, const HttpRequest& request) noexcept {
    try {
        return route.factory(stream, request);
    } catch (const std::exception&) {
        return nullptr;
    }
}

std::string_view code_of(unsigned status) noexcept {
    if (status == 408) return "timed_out";
    return status == 413 || status == 414 || status == 431 ? "too_large" : "bad_request";
}

}  // namespace

HttpConnection::HttpConnection(Stream& stream, std::shared_ptr<const LiveRoutes> routes) noexcept
    : stream_(stream), routes_(std::move(routes)) {
    stream_.set_deadline(time_of_strangers(stream_.core().limits()));
}

HttpConnection::~HttpConnection() {
    if (current_) current_->connection_closed();
}

std::size_t HttpConnection::received(Bytes bytes) noexcept {
    in_received_ = true;
    std::size_t at = 0;
    bool moved = true;
    while (moved && at < bytes.size()) {
        const std::size_t before = at;
        const Phase phase = phase_;
        if (phase == Phase::head) at += read_head(bytes.subspan(at));
        if (phase == Phase::body) at += read_body(bytes.subspan(at));
        if (phase == Phase::discarding) at = bytes.size();
        moved = at != before || phase_ != phase;
    }
    in_received_ = false;
    hold_back(bytes.size() - at);
    if (input_ended_ && reading_) close(CloseReason::normal);  // half a request, and no more to come
    return at;
}

/// A client that pipelines waits in the driver's buffer, then in the kernel's. One that leaves is noticed meanwhile.
void HttpConnection::hold_back(std::size_t unconsumed) noexcept {
    const bool waiting = phase_ == Phase::answering || phase_ == Phase::admission;
    leftover_ = waiting && unconsumed > 0;
    if (!waiting || paused_ || unconsumed <= pause_above) return;
    paused_ = true;
    stream_.pause_reading();
}

std::size_t HttpConnection::read_head(Bytes bytes) noexcept {
    if (!reading_) {
        reading_ = std::make_unique<Reading>();
        if (established_) stream_.set_deadline(stream_.core().limits().http_header_timeout);
    }
    const FramingGuard::Step step = reading_->guard.scan(bytes);
    if (step == FramingGuard::Step::more) return 0;
    if (step == FramingGuard::Step::refused) {
        const Refusal refusal = reading_->guard.refusal();
        refuse(refusal.status, refusal.detail);
        return 0;
    }
    const std::size_t size = reading_->guard.head_size();
    leftover_ = bytes.size() > size;
    return head_complete(as_text(bytes.first(size))) ? size : 0;
}

bool HttpConnection::head_complete(std::string_view head) noexcept {
    HttpRequest request;
    const bool readable = read_request_head(head, request);
    reading_->routes = routes_->now();
    const RouteTable routes(reading_->routes);
    const RouteTable::Match match = routes.find(request.method, request.path);
    if (readable && !stream_.surplus() && served_elsewhere(request, match.route)) return false;
    stream_.core().metrics().add(request_counter());
    reading_->framing = reading_->guard.framing();
    http11_ = reading_->framing.http11;
    keep_alive_ = reading_->framing.keep_alive;
    body_pending_ = reading_->framing.body == Body::chunked || reading_->framing.length > 0;
    request.peer = stream_.peer();
    if (!readable)
        refuse(400, "not an HTTP request");
    else if (stream_.surplus())
        turn_away(request.method);
    else if (asks_for_websocket(request) && routes.has_websocket(request.path))
        upgrade(std::move(request), routes);
    else
        route_request(std::move(request), routes, match);
    return true;
}

bool HttpConnection::served_elsewhere(const HttpRequest& request, const HttpRoute* route) noexcept {
    if (!route || !route->home) return false;
    const CoreId home = route->home(request, stream_.core());
    if (home == stream_.core().id()) return false;
    reading_.reset();
    stream_.move_to(home);
    return true;
}

void HttpConnection::turn_away(std::string_view method) noexcept {
    stream_.core().metrics().add(refusal_counter(503));
    keep_alive_ = false;
    HttpResponse response = HttpResponse::problem(503, "overloaded", "the gateway has no room for another connection; try again later");
    response.headers.push_back({"Retry-After", "1"});
    answer(std::move(response), method);
}

void HttpConnection::upgrade(HttpRequest request, const RouteTable& routes) noexcept {
    if (!http11_ || reading_->framing.body != Body::none) return refuse(400, "a WebSocket handshake is HTTP/1.1 without a body");
    HandshakeCheck check = check_handshake(request, routes);
    if (!check.route) return answer(std::move(check.refusal), request.method);
    reading_.reset();
    stream_.set_deadline(Duration::zero());
    auto next = make_handler(*check.route, stream_, request);
    if (!next) return answer(HttpResponse::problem(503, "unavailable", "this WebSocket is not served now"), request.method);
    const ResponseFraming framing{ResponseFraming::Body::none, 0, true, true};
    HttpResponse switching = handshake_answer(request, *check.route);
    stream_.send(as_bytes(write_response_head(switching, framing, http_date(stream_.core().wall()))));
    phase_ = Phase::over;
    stream_.belongs_to(check.route->owner);
    stream_.become_websocket(check.route->mode, check.route->text, std::move(next));
}

void HttpConnection::route_request(HttpRequest request, const RouteTable& routes, const RouteTable::Match& match) noexcept {
    if (request.path == "*") return answer(HttpResponse(204, {}, {}), request.method);
    if (!match.route) return answer_without_route(request, routes, match.allow);
    if (!origin_allowed(request, match.route->origins)) return answer_foreign_page(request);
    reading_->route = match.route;
    stream_.belongs_to(match.route->owner);
    const auto exchange = std::make_shared<Exchange>(*this, stream_.core(), std::move(request), reading_->framing);
    current_ = exchange.get();
    if (!body_pending_) return dispatch(exchange);
    const Limits& limits = stream_.core().limits();
    if (reading_->framing.length > most_body(*match.route, limits)) return refuse(413, "the body is larger than the limit");
    reading_->limit = limits.unauthenticated_packet;
    const bool small = reading_->framing.body == Body::length && reading_->framing.length <= limits.unauthenticated_packet;
    if (small || !match.route->admit) return start_body(exchange);
    ask_admission(exchange);
}

void HttpConnection::answer_foreign_page(const HttpRequest& request) noexcept {
    stream_.core().metrics().add(refusal_counter(403));
    answer(HttpResponse::problem(403, "denied", "web pages of this origin may not use this: see `origins` in the configuration"), request.method);
}

void HttpConnection::answer_without_route(const HttpRequest& request, const RouteTable& routes, const std::string& allow) noexcept {
    if (auto preflight = preflight_answer(request, routes)) return answer(std::move(*preflight), request.method);
    stream_.core().metrics().add(refusal_counter(allow.empty() ? 404 : 405));
    if (routes.has_websocket(request.path)) {
        HttpResponse response = HttpResponse::problem(426, "bad_request", "this path is a WebSocket");
        response.headers.push_back({"Upgrade", "websocket"});
        return answer(std::move(response), request.method);
    }
    if (allow.empty()) return answer(HttpResponse::problem(404, "not_found", "nothing is served at this path"), request.method);
    HttpResponse response = request.method == "OPTIONS" ? HttpResponse(204, {}, {})
                                                        : HttpResponse::problem(405, "bad_request", "this path does not have this method");
    response.headers.push_back({"Allow", allow});
    answer(std::move(response), request.method);
}

void HttpConnection::ask_admission(std::shared_ptr<Exchange> exchange) noexcept {
    phase_ = Phase::admission;
    stream_.set_deadline(Duration::zero());
    call(reading_->route->admit, std::move(exchange));
}

void HttpConnection::body_admitted(std::shared_ptr<Exchange> exchange) noexcept {
    if (phase_ != Phase::admission) return;
    reading_->limit = most_body(*reading_->route, stream_.core().limits());
    establish();
    start_body(std::move(exchange));
    if (!in_received_ && (leftover_ || paused_)) {
        if (!paused_) stream_.pause_reading();
        paused_ = false;
        stream_.resume_reading();
    }
}

void HttpConnection::start_body(std::shared_ptr<Exchange> exchange) noexcept {
    const Framing& framing = reading_->framing;
    if (framing.length > reading_->limit) return refuse(413, "a body of this size is not taken here");
    if (framing.expects_continue) stream_.send(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
    if (framing.body == Body::chunked) reading_->chunks = std::make_unique<ChunkedReader>();
    exchange->body().reserve(std::min<std::size_t>(framing.length, stream_.core().limits().unauthenticated_packet));
    reading_->exchange = std::move(exchange);
    phase_ = Phase::body;
    if (established_) stream_.set_deadline(body_window);
}

std::size_t HttpConnection::read_body(Bytes bytes) noexcept {
    return reading_->chunks ? read_chunked_body(bytes) : read_length_body(bytes);
}

std::size_t HttpConnection::read_length_body(Bytes bytes) noexcept {
    ByteBuffer& body = reading_->exchange->body();
    const std::size_t part = std::min<std::size_t>(bytes.size(), reading_->framing.length - body.size());
    append(body, bytes.first(part));
    leftover_ = bytes.size() > part;
    if (body.size() == reading_->framing.length) dispatch(std::move(reading_->exchange));
    return part;
}

std::size_t HttpConnection::read_chunked_body(Bytes bytes) noexcept {
    const auto [step, consumed] = reading_->chunks->read(bytes, reading_->exchange->body(), reading_->limit);
    leftover_ = bytes.size() > consumed;
    if (step == ChunkedReader::Step::complete) dispatch(std::move(reading_->exchange));
    if (step == ChunkedReader::Step::refused) {
        const Refusal refusal = reading_->chunks->refusal();
        body_pending_ = refusal.status == 413;
        refuse(refusal.status, refusal.detail);
    }
    return consumed;
}

void HttpConnection::dispatch(std::shared_ptr<Exchange> exchange) noexcept {
    const std::unique_ptr<const Reading> read = std::move(reading_);  // holds the route
    body_pending_ = false;
    phase_ = Phase::answering;
    stream_.set_deadline(Duration::zero());
    call(read->route->handler, std::move(exchange));
}

void HttpConnection::establish() noexcept {
    if (std::exchange(established_, true)) return;
    stream_.established();
}

void HttpConnection::forget(Exchange& exchange) noexcept {
    if (current_ == &exchange) current_ = nullptr;
}

void HttpConnection::answer(HttpResponse response, std::string_view method) noexcept {
    if (phase_ == Phase::over || phase_ == Phase::discarding) return;
    keep_alive_ = stays_open() && !body_pending_;
    ResponseFraming framing{ResponseFraming::Body::length, response.body.size(), http11_, keep_alive_};
    if (has_no_body(response.status)) framing.body = ResponseFraming::Body::none;
    if (response.status < 400) establish();
    stream_.send(as_bytes(write_response_head(response, framing, http_date(stream_.core().wall()))));
    if (method != "HEAD" && !has_no_body(response.status) && !response.body.empty())
        stream_.send({}, {}, shared(std::move(response.body)));
    answered(true);
}

void HttpConnection::begin_answer(const HttpResponse& head) noexcept {
    keep_alive_ = stays_open() && http11_;
    const auto body = http11_ ? ResponseFraming::Body::chunked : ResponseFraming::Body::until_close;
    establish();
    stream_.send(as_bytes(write_response_head(head, {body, 0, http11_, keep_alive_}, http_date(stream_.core().wall()))));
}

void HttpConnection::answered(bool delimited) noexcept {
    if (phase_ == Phase::over) return;
    if (body_pending_) {
        phase_ = Phase::discarding;
        reading_.reset();
        stream_.set_deadline(discard_time);
        if (paused_) stream_.resume_reading();
        paused_ = false;
        return;
    }
    if (!delimited || !keep_alive_ || draining_) return close(draining_ ? CloseReason::server_shutdown : CloseReason::normal);
    expect_request(idle_timeout);
}

void HttpConnection::expect_request(Duration deadline) noexcept {
    reading_.reset();
    phase_ = Phase::head;
    stream_.belongs_to({});
    stream_.set_deadline(deadline);
    if (in_received_ || (!leftover_ && !paused_)) return;
    if (!paused_) stream_.pause_reading();
    paused_ = false;
    leftover_ = false;
    stream_.resume_reading();
}

void HttpConnection::cut_off(CloseReason reason) noexcept {
    phase_ = Phase::over;
    stream_.abort(reason);
}

void HttpConnection::refuse(unsigned status, std::string_view detail) noexcept {
    stream_.core().metrics().add(refusal_counter(status));
    const auto exchange = reading_ ? std::move(reading_->exchange) : nullptr;
    if (current_) current_->connection_closed();
    current_ = nullptr;
    keep_alive_ = false;
    // What follows a broken head cannot be told apart from a body: nothing is read over, the connection ends.
    if (status != 413) body_pending_ = false;
    answer(HttpResponse::problem(status, code_of(status), detail), "");
}

void HttpConnection::writable() noexcept {
    if (current_) current_->tell_writable();
}

void HttpConnection::timed_out() noexcept {
    if (phase_ == Phase::discarding) return close(CloseReason::normal);
    if (phase_ == Phase::head && reading_) return refuse(408, "the request took too long");
    if (phase_ == Phase::head) return close(CloseReason::idle_timeout);
    if (phase_ != Phase::body) return;
    const std::size_t size = reading_->exchange->body().size();
    if (!established_ || size - reading_->window_start < body_minimum) return refuse(408, "the body came too slowly");
    reading_->window_start = size;
    stream_.set_deadline(body_window);
}

/// Whoever listens without an end is gone with its direction; any other client may have ended it and still want its answer.
bool HttpConnection::input_ended() noexcept {
    if (phase_ == Phase::answering) return input_ended_ = current_ && !current_->streaming();
    const bool answered = phase_ == Phase::discarding || (phase_ == Phase::head && !reading_);
    if (!answered || stream_.queued() == 0) return false;
    close(CloseReason::normal);  // behind the rest of the last answer
    return true;
}

void HttpConnection::drain() noexcept {
    draining_ = true;
    if (current_) return current_->tell_drain();
    if (phase_ == Phase::head) close(CloseReason::server_shutdown);
}

void HttpConnection::close(CloseReason reason) noexcept {
    phase_ = Phase::over;
    reading_.reset();
    stream_.close(reason);
}

void HttpConnection::closed(CloseReason) noexcept {
    phase_ = Phase::over;
    if (reading_) reading_->exchange.reset();
    if (current_) current_->connection_closed();
    current_ = nullptr;
}

}  // namespace junctor::web
