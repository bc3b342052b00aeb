// Who a client is: by its upgrade request, by an `auth` frame behind it, and again while it is here.

#include "connectors/websocket/connection.hpp"
#include "connectors/websocket/mapping.hpp"
#include "core/ports/http_credentials.hpp"
#include "core/runtime/core.hpp"

namespace junctor::websocket {
namespace {

using Outcome = AuthenticationStep::Outcome;

std::string reason_of(AuthenticationStep& step) { return step.reason.empty() ? "not authenticated" : std::move(step.reason); }

}  // namespace

void Connection::admit(Credentials credentials) {
    admission_ = std::make_unique<Admission>();
    admission_->shows_any = shows_any(credentials);
    stream_.pause_reading();
    stream_.set_deadline(stream_.core().limits().handshake_timeout);
    begin_authentication(std::move(credentials));
}

void Connection::refuse(std::string reason, CloseReason as) {
    if (!admission_) admission_ = std::make_unique<Admission>();
    admission_->refused_as = as;
    admission_->refusal = std::move(reason);
    phase_ = Phase::refused;
    // The shortest delay: said as soon as the handshake's answer is out.
    stream_.set_deadline(Duration(1));
}

/// The answer may come before the call returns, and end the admission.
void Connection::begin_authentication(Credentials credentials) {
    auto conversation = gate().authenticate(std::move(credentials), [this](AuthenticationStep step) { authenticated(std::move(step)); });
    if (admission_) admission_->conversation = std::move(conversation);
}

void Connection::authenticated(AuthenticationStep step) {
    const Token token = std::exchange(admission_->auth, Token{});
    if (token.value == 0) return upgrade_authenticated(std::move(step));
    if (step.outcome == Outcome::challenge) return challenge(token, step.challenge);
    auth_ended(token, std::move(step));
}

/// An HTTP upgrade has no second step for a challenge.
void Connection::upgrade_authenticated(AuthenticationStep step) {
    if (step.outcome == Outcome::allow) return enter(std::move(step.principal));
    if (admission_->shows_any) return refuse(reason_of(step));
    wait_for_auth(reason_of(step));
}

void Connection::wait_for_auth(std::string refusal) {
    if (!refusal.empty()) admission_->refusal = std::move(refusal);
    phase_ = Phase::waiting;
    stream_.resume_reading();
}

/// The admission stays until the session opens: this may be its conversation's own call.
void Connection::enter(PrincipalRef principal) {
    set_principal(std::move(principal));
    phase_ = Phase::admitted;
    stream_.set_deadline(ping_interval());
    stream_.established();
    stream_.resume_reading();
}

void Connection::authenticate(const Machine::Step& step) noexcept {
    const Operation& auth = step.operation;
    const bool answers = admission_ && admission_->challenged;
    if (admission_ && admission_->auth.value != 0) return fail(step, Errc::bad_request, "another `auth` is not answered yet");
    if (!answers && !auth.shown.begins())
        return fail(step, Errc::bad_request, "`auth` shows a `token`, a `user` with a `password`, or a `method` with `data`");
    if (!admission_) admission_ = std::make_unique<Admission>();
    admission_->auth = step.token;
    admission_->challenged = false;
    if (phase_ != Phase::open) {
        phase_ = Phase::authenticating;
        stream_.pause_reading();
    }
    if (answers && !auth.shown.begins()) return admission_->conversation->next(auth.message.data);
    admission_->conversation.reset();
    begin_authentication(credentials_of(auth, stream_.peer(), *settings_));
}

void Connection::challenge(Token token, Bytes data) {
    ByteBuffer frame;
    machine_.challenged(token, data, frame);
    send(std::move(frame));
    admission_->challenged = true;
    if (phase_ == Phase::authenticating) wait_for_auth({});
}

void Connection::auth_ended(Token token, AuthenticationStep step) {
    const bool open = phase_ == Phase::open;
    const bool allowed = step.outcome == Outcome::allow;
    if (open) admission_.reset();
    if (!allowed || (open && !gate().renew(*this, step.principal))) {
        const std::string reason = allowed ? "an open session stays its principal's" : reason_of(step);
        if (!open) return close(CloseReason::not_authenticated, reason);
        Receipt receipt;
        receipt.code = Errc::denied;
        receipt.reason = reason;
        return settled(token, receipt);
    }
    ByteBuffer frame;
    machine_.authenticated(token, step.challenge, frame);
    if (!frame.empty()) send(std::move(frame));
    if (!open) enter(std::move(step.principal));
}

}  // namespace junctor::websocket
