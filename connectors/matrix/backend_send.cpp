// What goes to the homeserver: one event at a time, so that it keeps the order; what has come meanwhile goes together in the next.

#include "connectors/matrix/backend.hpp"
#include "core/observe/log.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/core.hpp"

namespace junctor::matrix {
namespace {

constexpr std::size_t most_unsent = 64U << 20;

std::string retry_after(const HttpResponse& response) {
    for (const Header& each : response.headers)
        if (each.name == "Retry-After" || each.name == "retry-after") return each.value;
    return {};
}

}  // namespace

void MatrixBackend::publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    if (!available_) return receipt(ticket, Errc::unavailable);
    if (unsent_.size() >= settings_.waiting || unsent_bytes_ + envelope->payload().size() > most_unsent) return receipt(ticket, Errc::overloaded);
    Unsent made{room_of(envelope->topic()), {}, {}, ticket};
    if (const Errc code = fill(*envelope, made); code != Errc::ok) return receipt(ticket, code);
    unsent_bytes_ += made.content.size();
    unsent_.push_back(std::move(made));
    send_more();
}

std::size_t MatrixBackend::room_of(const Topic& topic) const noexcept {
    if (topic.tenant() == TenantId{})
        for (std::size_t i = 1; i < rooms_.size(); ++i)
            if (rooms_[i].topic == topic.text()) return i;
    return 0;
}

/// Errc::denied where it has crossed too many.
Errc MatrixBackend::fill(const Envelope& envelope, Unsent& unsent) const {
    if (envelope.retain()) return fill_retained(envelope, unsent);
    if (unsent.room == 0) {
        std::optional<std::string> message = to_json(envelope, core_->now(), gateway_, true);
        if (!message) return Errc::denied;
        unsent.type = shared_event;
        unsent.content = std::move(*message);
    } else {
        std::optional<SingleEvent> event = to_single_event(envelope, core_->now(), gateway_);
        if (!event) return Errc::denied;
        unsent.type = event->type;
        unsent.content = std::move(event->content);
        unsent.publisher = envelope.publisher();
    }
    return unsent.content.size() > most_content ? Errc::too_large : Errc::ok;
}

void MatrixBackend::send_more() noexcept {
    if (!available_ || send_call_ || send_again_.armed()) return;
    if (!sending_ && unsent_.empty()) return;
    if (!sending_) put_together();
    if (writer_chosen()) send_it();
}

void MatrixBackend::put_together() {
    Sending& sending = sending_.emplace(Sending{});  // clang 14 takes the class for not default constructible here
    sending.transaction = transaction_prefix_ + std::to_string(++last_transaction_);
    if (const Unsent& first = unsent_.front(); first.alone()) {
        sending.content = with_order(first.state_key ? content_of_retained(sending.transaction, first.content) : first.content, given_order_.next(first.room));
        sending.messages = 1;
        return;
    }
    sending.content = "{\"messages\":[";
    for (const Unsent& each : unsent_) {
        if (each.alone() || (sending.messages != 0 && sending.content.size() + each.content.size() > most_content)) break;
        if (sending.messages++ != 0) sending.content += ',';
        sending.content += each.content;
    }
    sending.content = with_order(std::move(sending.content) + "]}", given_order_.next(0));
}

/// False while its user is on the way into the room.
bool MatrixBackend::writer_chosen() {
    const Unsent& first = unsent_.front();
    if (sending_->chosen || first.room == 0 || first.state_key) return true;
    const std::string user = puppets_.user_for(first.publisher);
    const std::string& room = rooms_[first.room].id;
    const Puppets::State state = user.empty() ? Puppets::State::refused : puppets_.state(user, room);
    sending_->chosen = state == Puppets::State::ready || state == Puppets::State::refused;
    if (state == Puppets::State::ready) sending_->puppet = user;
    if (!sending_->chosen) bring_in(user, room);
    return sending_->chosen;
}

void MatrixBackend::send_it() {
    const Unsent& first = unsent_.front();
    const std::string& room = rooms_[first.room].id;
    auto done = [this](OutboundAnswer answer) { sent(std::move(answer)); };
    send_call_ = first.state_key ? homeserver_->send_state(room, first.type, *first.state_key, sending_->content, std::move(done))
                                 : homeserver_->send(sending_->puppet, room, first.type, sending_->transaction, sending_->content, std::move(done));
}

void MatrixBackend::sent(OutboundAnswer answer) noexcept {
    send_call_.reset();
    const unsigned status = answer.response.status;
    if (answer.failure != OutboundFailure::none) return away("send: " + std::string(to_string(answer.failure)) + ' ' + answer.detail);
    if (std::string event = status == 200 ? read_member(answer.response.body, "event_id") : std::string(); !event.empty()) {
        given_order_.sent(unsent_.front().room, std::move(event));
        return settle_sending(Errc::ok);
    }
    const Refusal refusal = read_refusal(answer.response.body);
    if (status == 429) {
        core_->timers().arm(send_again_, core_->now() + pause_after(refusal, retry_after(answer.response)));
        return;
    }
    if (!sending_->puppet.empty() && (status == 401 || status == 403)) {
        write_itself(sending_->puppet, rooms_[unsent_.front().room].id, refusal);
        sending_->puppet.clear();
        return send_more();
    }
    if (status == 200 || status == 401 || status >= 500) return away("send: status " + std::to_string(status) + ' ' + refusal.code);
    if (status == 413 || refusal.code == "M_TOO_LARGE") return settle_sending(Errc::too_large);
    log_warning("matrix", unsent_.front().state_key ? "the homeserver refuses a retained value: the gateway needs the right to send the state 'junctor.retained' in the room"
                                                    : "the homeserver refuses a message",
                {{"room", rooms_[unsent_.front().room].name}, {"status", std::to_string(status)}, {"code", refusal.code}, {"because", refusal.words}});
    settle_sending(Errc::denied);
}

void MatrixBackend::settle_sending(Errc code) noexcept {
    std::vector<BackendTicket> done;
    for (std::size_t i = 0; i < sending_->messages; ++i) {
        unsent_bytes_ -= unsent_.front().content.size();
        done.push_back(unsent_.front().ticket);
        unsent_.pop_front();
    }
    sending_.reset();
    for (const BackendTicket each : done) receipt(each, code);
    send_more();
}

/// It has been away for too long. What was under way has perhaps arrived, and perhaps not.
void MatrixBackend::give_up() noexcept {
    if (available_) return;
    const std::deque<Unsent> lost = std::exchange(unsent_, {});
    unsent_bytes_ = 0;
    if (sending_) given_order_.begin(transaction_prefix_ + std::to_string(last_transaction_), rooms_.size());
    sending_.reset();
    for (const Unsent& each : lost) receipt(each.ticket, Errc::unavailable);
}

void MatrixBackend::receipt(BackendTicket ticket, Errc code) noexcept {
    const BackendReceipt receipt{ticket, code, code == Errc::ok ? 1U : 0U};
    sink_->taken({&receipt, 1});
}

}  // namespace junctor::matrix
