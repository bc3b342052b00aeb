#include <array>
#include <cassert>

#include "connectors/mqtt/connection.hpp"
#include "connectors/mqtt/mapping.hpp"
#include "core/ports/http_credentials.hpp"
#include "core/runtime/core.hpp"

namespace junctor::mqtt {

namespace {

Credentials credentials_of(const Connect& connect, const Peer& peer, const std::string& connector) {
    Credentials shown;
    shown.connector = connector;
    take_peer(peer, shown);
    shown.client_id = connect.client_id;
    if (connect.user) shown.user = *connect.user;
    shown.has_password = connect.password.has_value();
    if (connect.password) shown.password = as_text(*connect.password);
    shown.method = connect.properties.text(PropertyId::authentication_method);
    const Bytes data = connect.properties.data(PropertyId::authentication_data);
    shown.data.assign(data.begin(), data.end());
    return shown;
}

/// 128 random bits: nobody guesses the session that `$to/<name>` addresses.
std::string random_name(Random& random) {
    std::string name = "auto-";
    for (int half = 0; half < 2; ++half)
        for (std::uint64_t bits = random.next(), digit = 0; digit < 16; ++digit, bits >>= 4) name += "0123456789abcdef"[bits & 15];
    return name;
}

}  // namespace

Connection::Connection(Stream& stream, Ref<const Settings> settings) noexcept
    : stream_(stream), settings_(std::move(settings)), machine_(settings_->rules) {
    stream_.set_deadline(core().limits().handshake_timeout);
}

Connection::~Connection() { assert(!open_); }

void Connection::authenticate(const Connect& connect) noexcept {
    if (stream_.surplus()) return turn_away();
    if (!connect.client_id.empty()) name_ = CompactText(connect.client_id);
    name_assigned_ = connect.client_id.empty() && connect.version == Version::v5;
    ask_gate(credentials_of(connect, stream_.peer(), settings_->connector));
}

void Connection::turn_away() noexcept {
    if (stream_.came_too_fast()) return machine_.refused(ReasonCode::connection_rate_exceeded, "more clients come at present than the gateway lets in", *this);
    machine_.refused(ReasonCode::server_busy, "the gateway has no room for another connection", *this);
}

void Connection::reauthenticate(std::string_view method, Bytes data) noexcept {
    Credentials shown = credentials_of({}, stream_.peer(), settings_->connector);
    shown.client_id = name();
    shown.method = method;
    shown.data.assign(data.begin(), data.end());
    ask_gate(std::move(shown));
}

void Connection::ask_gate(Credentials credentials) noexcept {
    conversation_ = std::make_unique<Conversation>();
    conversation_->authentication =
        core().gate().authenticate(std::move(credentials), [this](AuthenticationStep step) { take_step(std::move(step)); });
}

void Connection::continue_authentication(Bytes data) noexcept {
    assert(conversation_->authentication);
    conversation_->authentication->next(data);
}

/// The gate's answer, perhaps before the question has returned; it is acted on from `received` alone, where a stream may move.
void Connection::take_step(AuthenticationStep step) noexcept {
    conversation_->answer.emplace(std::move(step));
    go_on_reading();
}

void Connection::go_on_reading() noexcept {
    if (!holds_reading_) return;
    holds_reading_ = false;
    stream_.resume_reading();
}

/// False while there is none.
bool Connection::take_answer() noexcept {
    if (!conversation_->answer) {
        hold_reading();
        return false;
    }
    AuthenticationStep step = std::move(*conversation_->answer);
    conversation_->answer.reset();
    if (open_)
        renew(std::move(step));
    else if (machine_.answered(step, *this))
        go_home(std::move(step.principal));
    return true;
}

/// Somebody who is here already has shown again who it is: nobody becomes somebody else (5.0 section 4.12.1).
void Connection::renew(AuthenticationStep step) noexcept {
    using Outcome = AuthenticationStep::Outcome;
    if (step.outcome == Outcome::allow && !core().gate().renew(*this, step.principal)) step.outcome = Outcome::deny;
    if (step.outcome != Outcome::challenge) conversation_.reset();
    machine_.answered(step, *this);
}

void Connection::go_home(PrincipalRef principal) noexcept {
    // What belongs to this core ends before the move.
    conversation_.reset();
    set_principal(std::move(principal));
    if (name_assigned_) assign_name();
    if (name().empty()) return arrived();
    stream_.move_to(core().home_of(this->principal()->tenant, name()));
}

/// A name that is at home here already.
void Connection::assign_name() noexcept {
    do {
        name_ = CompactText(random_name(core().random()));
    } while (core().home_of(principal()->tenant, name()) != core().id());
}

/// Goes on when the gate knows its verdict; nothing is read until then.
void Connection::await(Verb verb, std::string_view object, void (Connection::*then)()) noexcept {
    auto verdict = core().gate().when_known(*this, verb, object, [this, then] { (this->*then)(); });
    if (!verdict) return;
    if (!conversation_) conversation_ = std::make_unique<Conversation>();
    conversation_->verdicts.push_back(std::move(verdict));
    hold_reading();
}

void Connection::arrived() noexcept { await(Verb::connect, {}, &Connection::admitted); }

void Connection::admitted() noexcept {
    std::unique_ptr<junctor::Will> will = machine_.take_will();
    if (!will) return enter();
    const std::string topic = will->topic;
    if (!conversation_) conversation_ = std::make_unique<Conversation>();
    conversation_->will = std::move(will);
    await(Verb::publish, topic, &Connection::enter);
}

void Connection::enter() noexcept {
    std::unique_ptr<Conversation> conversation = std::move(conversation_);  // until the gate has decided
    const Result<Opened> found = core().gate().open(*this, machine_.terms());
    if (!found) return machine_.refused(to_connack_reason(static_cast<Errc>(found.error().value())), {}, *this);
    open_ = true;
    if (conversation && conversation->will && !leave_will(std::move(conversation->will))) return;
    stream_.established();
    stream_.set_deadline(machine_.silence_limit());
    machine_.opened({principal()->tenant, name(), name_assigned_, *found}, *this);
    core().gate().ready(*this);
    go_on_reading();
}

/// False when the policy does not take the will: who may not leave it does not come in.
bool Connection::leave_will(std::unique_ptr<junctor::Will> will) noexcept {
    const Result<void> taken = core().gate().set_will(*this, std::move(will));
    if (taken) return true;
    machine_.refused(to_connack_reason(static_cast<Errc>(taken.error().value())), {}, *this);
    leave(CloseReason::not_authorized);
    return false;
}

}  // namespace junctor::mqtt
