// How a client comes in, and goes.

#include "connectors/vertx/connection.hpp"
#include "connectors/vertx/mapping.hpp"
#include "core/model/turned_away.hpp"
#include "core/ports/http_credentials.hpp"
#include "core/runtime/core.hpp"

namespace junctor::vertx {
namespace {

using Outcome = AuthenticationStep::Outcome;

constexpr std::string_view sockjs_open = "o";
constexpr std::string_view sockjs_heartbeat = "h";
constexpr std::string_view sockjs_goodbye = "c[3000,\"Go away!\"]";

std::string reason_of(AuthenticationStep& step) { return step.reason.empty() ? "not authenticated" : std::move(step.reason); }

}  // namespace

std::unique_ptr<StreamHandler> connect_by_http(Stream& stream, const HttpRequest& request, const Ref<const Settings>& settings, WireForm form) {
    Credentials credentials;
    credentials.connector = settings->connector;
    const bool readable = read_http_credentials(request, settings->cookie, credentials);
    auto connection = std::make_unique<Connection>(stream, settings, form);
    connection->admit(std::move(credentials), readable);
    return connection;
}

void Connection::admit(Credentials credentials, bool readable) {
    admission_ = std::make_unique<Admission>();
    admission_->shows_any = shows_any(credentials);
    admission_->credentials = std::move(credentials);
    admission_->readable = readable;
    admission_->paused = true;
    stream_.pause_reading();
    // The shortest delay: on a WebSocket nothing may be sent before the handshake's answer.
    stream_.set_deadline(Duration(1));
}

void Connection::begin() noexcept {
    if (stream_.surplus()) return close(CloseReason::overloaded, "the gateway has no room for another connection");
    if (form_ == WireForm::sockjs) stream_.send(as_bytes(sockjs_open));
    if (!admission_->readable) return close(CloseReason::not_authenticated, "there must be one Authorization header, of Basic or Bearer");
    stream_.set_deadline(stream_.core().limits().handshake_timeout);
    authenticate(std::move(admission_->credentials));
}

/// The answer may come before the call returns, and end the admission.
void Connection::authenticate(Credentials credentials) {
    phase_ = Phase::authenticating;
    auto conversation = gate().authenticate(std::move(credentials), [this](AuthenticationStep step) { authenticated(std::move(step)); });
    if (admission_ && phase_ == Phase::authenticating) admission_->conversation = std::move(conversation);
}

void Connection::authenticated(AuthenticationStep step) {
    if (step.outcome == Outcome::allow) return enter(std::move(step.principal));
    const std::string reason = reason_of(step);
    if (!admission_->login_reply.empty() || admission_->shows_any) {
        Frame frame;
        frame.type = Type::err;
        frame.address = admission_->login_reply;
        frame.failure_code = login_failed;
        frame.failure_type = "RECIPIENT_FAILURE";
        frame.message = reason;
        if (!frame.address.empty()) send(frame);
        return close(CloseReason::not_authenticated, reason);
    }
    admission_->refusal = reason;
    wait_for_login();
}

void Connection::wait_for_login() {
    phase_ = Phase::waiting;
    if (std::exchange(admission_->paused, false)) stream_.resume_reading();
}

/// Pings keep a client that does not log in no longer than the handshake may take.
void Connection::frame_of_stranger(const Frame& frame) noexcept {
    if (frame.type == Type::ping) {
        pending_.add_ping();
        return send_pongs();
    }
    if (frame.address == login_address) return log_in(frame);
    error("not_logged_in");
}

void Connection::log_in(const Frame& frame) {
    if (phase_ == Phase::open) return refuse_login(frame, "an open session stays its principal's");
    Credentials credentials;
    take_peer(stream_.peer(), credentials);
    credentials.connector = settings_->connector;
    if (!read_login(frame, credentials)) return refuse_login(frame, "show a `username` with a `password`, or a `token`");
    admission_->login_reply = frame.reply_address;
    admission_->shows_any = true;
    admission_->paused = true;
    stream_.pause_reading();
    authenticate(std::move(credentials));
}

void Connection::refuse_login(const Frame& frame, std::string_view reason) {
    if (frame.reply_address.empty()) return error("not_logged_in");
    Frame answer;
    answer.type = Type::err;
    answer.address = frame.reply_address;
    answer.failure_code = login_failed;
    answer.failure_type = "RECIPIENT_FAILURE";
    answer.message = reason;
    send(answer);
}

/// The admission stays until the session opens: this may be its conversation's own call.
void Connection::enter(PrincipalRef principal) {
    set_principal(std::move(principal));
    phase_ = Phase::opening;
    auto verdict = gate().when_known(*this, Verb::connect, {}, [this] { open(); });
    if (verdict && phase_ == Phase::opening) admission_->verdict = std::move(verdict);
}

/// What has been asked stays until the client says more: this may be its own call.
void Connection::open() noexcept {
    const Result<Opened> opened = gate().open(*this, SessionTerms());
    if (!opened) return close(turned_away_as(opened.error()), opened.error().message());
    phase_ = Phase::open;
    stream_.established();
    stream_.set_deadline(form_ == WireForm::tcp ? Duration::zero() : settings_->ping_timeout / 2);
    if (!admission_->login_reply.empty()) {
        Frame answer;
        answer.type = Type::message;
        answer.address = admission_->login_reply;
        answer.body = R"({"status":"ok"})";
        answer.is_send = true;
        send(answer);
    }
    if (std::exchange(admission_->paused, false)) stream_.resume_reading();
}

void Connection::timed_out() noexcept {
    switch (phase_) {
        case Phase::fresh: return begin();
        case Phase::authenticating:
        case Phase::opening: return close(CloseReason::handshake_timeout, "authentication took too long");
        case Phase::waiting: {
            const std::string refusal = admission_->refusal;
            return close(CloseReason::not_authenticated, refusal);
        }
        case Phase::open: return watch_peer();
        case Phase::closed: return;
    }
}

/// Who is not read from may be as alive as can be.
void Connection::watch_peer() noexcept {
    const Duration silence = paused_ || held_ ? Duration::zero() : stream_.core().now() - stream_.last_received();
    if (silence >= settings_->ping_timeout) return close(CloseReason::idle_timeout, "no ping");
    if (form_ == WireForm::sockjs) stream_.send(as_bytes(sockjs_heartbeat));
    stream_.set_deadline(settings_->ping_timeout / 2);
}

void Connection::close(CloseReason reason, std::string_view text) noexcept {
    if (phase_ == Phase::closed) return;
    if (told_before_close(reason)) error(to_string(reason));
    leave(reason);
    if (form_ == WireForm::sockjs) stream_.send(as_bytes(sockjs_goodbye));
    stream_.close(reason, text);
}

void Connection::drain() noexcept {
    empty_outbox(true);
    close(CloseReason::server_shutdown, "the gateway is shutting down");
}

void Connection::closed(CloseReason reason) noexcept { leave(reason); }

void Connection::leave(CloseReason reason) noexcept {
    const bool was_open = phase_ == Phase::open;
    phase_ = Phase::closed;
    admission_.reset();
    if (was_open) gate().close(*this, reason);
    outbox_.clear();
}

}  // namespace junctor::vertx
